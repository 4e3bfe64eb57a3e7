// Package wire proves the simulator with clients that were written for real
// clusters: client-go, controller-runtime, helm, three kubectls and the
// JavaScript client. Each has a package of its own below this one, and meets
// the built binary over TLS, as a user's program would.
//
// It is a module of its own, so that the product depends on none of these
// clients. It models nothing: what a test here expects is what kube-apiserver
// 1.37 does, and each one would pass against a real cluster that has a node
// and a working scheduler.
//
// Begin with cluster, which starts the simulator for a package's tests.
package wire
