// Package reconcile is the contract between the engine and everything that
// reconciles: controllers, the scheduler, every kubelet and kube-proxy.
//
// It models what controller-runtime and client-go's workqueue give a real
// controller: something that wakes it (Watch), something to read (View) and
// something to write with (Plan). What it leaves out is everything that makes
// a real controller hard to test: a Component cannot write, sleep, spawn, log
// or ask the time. It reads a frozen View and returns the API calls it wants,
// each with the reason for it, and the engine carries them out.
//
// Read next: component.go, view.go, plan.go; then controllers/replicaset.go
// for a component, and engine/turn.go for who calls it.
package reconcile
