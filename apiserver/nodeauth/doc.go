// Package nodeauth decides what a kubelet may do: it reads only what belongs to
// the Pods of its own Node.
//
// It models upstream's Node authoriser. Where upstream keeps a graph of what
// leads from a secret to a Node up to date, this looks at the Node's Pods when
// it is asked, which for the requests of the simulator's own kubelets is never:
// they only write.
//
// Read next: authorize.go, then related.go.
package nodeauth
