// Package controllers holds the reconcilers of kube-controller-manager, each
// as a reconcile.Component: a value whose Reconcile reads a frozen view and
// returns the API calls it wants.
//
// It models upstream's algorithms, names, conditions, events and messages.
// What it leaves out is upstream's machinery around them: informers, work
// queues, expectations, leader election and worker threads are the engine's
// business, and a turn never sees the result of its own calls. Where that
// makes a decision differ, a line that starts with "Upstream:" says so.
//
// Read next: replicaset.go and the files named after it, a controller whose
// whole job is one number; deployment.go, which steers ReplicaSets and never
// touches a Pod; then any other, as they do not know of each other. owners.go
// and pods.go are what they share. The folders in testdata hold each one's
// decisions as text: a world, the calls it leads to, and why.
package controllers
