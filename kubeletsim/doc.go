// Package kubeletsim is the kubelet of every simulated machine, with the
// container runtime beneath it.
//
// It models what a node's agent does to the API: it registers a Node and keeps
// its Lease, and takes each Pod that is bound to the node from Pending through
// image pulls, init containers and probes to Running and Ready, restarts what
// ends, and stops what is deleted. Conditions, reasons, messages and events
// are those of upstream's kubelet. What the runtime would know (sandboxes,
// containers, pulls) is kept in nodelocal.Sandbox and nodelocal.Machine.
//
// It leaves out what needs a kernel: nothing is executed. A Program says what
// a container's process would do, and answers.go what it would answer a probe.
// Volumes, lifecycle hooks other than a sleep before stopping, eviction, static
// Pods are left out too.
//
// Read next: kubelet.go for what wakes it, podturn.go for the life of a Pod,
// nodeturn.go for the Node, program.go for what containers do, prober.go for
// how their probes fare.
package kubeletsim
