// Package outside has what the door asks programs outside of the world, and
// what they answer: calls to webhooks.
//
// It models the calls that kube-apiserver makes in the middle of a request.
// The door makes none. It refuses the request with a question; whoever sent
// the request asks, adds the answer to it and sends it again. So the door
// stays a function of the world and the request, and what is journalled can be
// done again without the webhook.
//
// Read next: apiserver/outside.go for the door's side, engine/outside.go for
// the journal's, and apiserver/wire/ask.go for how a question is asked.
package outside
