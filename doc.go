// Package minik8s is a Kubernetes cluster that fits in one process and in one
// value. Nothing runs: containers are simulated, time is virtual, and every
// write can be asked why it happened.
//
// A controller author makes a cluster with New, talks to it with client-go
// through Transport or RESTConfig, and moves it with Settle, Tick or Step:
//
//	c, err := minik8s.New(minik8s.Options{Nodes: 3})
//	err = c.Apply(manifest)
//	turns, err := c.Settle(time.Minute)
//
// It models the control plane and the nodes of a cluster as far as other
// programs can see them through the API. It leaves out what docs/fidelity.md
// lists.
//
// Read next: components.go for what is in a cluster, docs/ARCHITECTURE.md for
// how it is put together.
package minik8s
