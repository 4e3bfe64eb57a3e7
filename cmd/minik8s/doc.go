// Command minik8s is kubectl with a Kubernetes cluster inside.
//
// It models what a user of kind or minikube has at hand: one command that
// starts and stops a cluster (up, down, status), all of kubectl, and, which no
// real cluster has, commands that hold time still and ask for reasons (pause,
// step, trace, why). kubectl's verbs are upstream's own command tree,
// k8s.io/kubectl, renamed. Called by the name kubectl, the binary is kubectl
// and nothing else.
//
// The cluster runs in a process of its own that "up" leaves behind; it serves
// the Kubernetes API and the simulator's (package control) over TLS on
// loopback. It leaves out persistence: a cluster that went down is gone.
//
// Read next: root.go for how the command tree is put together, target.go for
// which cluster a command talks to, up.go and serve.go for how one starts,
// clock.go for the commands that move time.
package main
