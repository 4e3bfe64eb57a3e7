// Package control is the simulator's own HTTP API: what one does to a
// cluster's clock and asks of its past. It is served beside the Kubernetes
// API, under /minik8s/v1, which no Kubernetes API uses.
//
// It models nothing of Kubernetes: a real cluster can neither be paused nor
// asked why. It leaves out everything that the Kubernetes API can do.
//
// Requests and answers are JSON; a trace is a stream of JSON lines. A refusal
// has a status other than 200 and says {"message": "…"}. Whoever asks must
// have shown a client certificate that the cluster's authority signed.
//
// Read next: api.go for what can be asked, mount.go for the handlers,
// client.go for the other side.
package control
