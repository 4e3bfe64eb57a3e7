// Command wireload measures how fast a cluster's API answers over the wire. It takes
// any kubeconfig, so the same numbers can be had of a real cluster:
//
//	go run ./internal/bench/wireload --kubeconfig ~/.kube/config
//
// It works with client-go and JSON in a namespace of its own, which it deletes
// in the end. With --pid, the process id of the API server on this machine, it
// also reports what memory and how much processor time the server took.
//
// What it measures is what clients feel, their own share included: client and
// server run on the same machine. What a single component of the server costs
// is in the benchmarks beside the packages.
//
// Read next: main.go for the order of things, then a file for each measurement.
package main
