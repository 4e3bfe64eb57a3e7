// Package scheduler decides which node each waiting pod goes to.
//
// It models kube-scheduler's default profile: a queue in priority order, a
// Filter phase that rules nodes out, a Score phase that ranks the rest, and a
// Bind. Plugins have upstream's names and weights, one file each, and are
// listed in one literal, DefaultProfile. A pod that fits nowhere gets
// upstream's FailedScheduling event and PodScheduled=False condition, word for
// word, and is tried again when something changes that could help it.
//
// Upstream schedules one pod at a time against a cache in which it "assumes"
// the pods it has just placed. Here one turn schedules the whole queue against
// a Snapshot of the frozen view and assumes within it: were each pod a turn of
// its own on the same view, all would see the same free room and pile up on
// one node.
//
// Left out so far: InterPodAffinity, PodTopologySpread and all volume plugins
// (a later issue), preemption, extenders, dynamic resources and in-place
// resize. PodTopologySpread's default constraints are what spreads a
// Deployment's replicas upstream; here LeastAllocated does it, helped by the
// 100m CPU and 200Mi that a container without requests counts as when scored.
//
// Read next: scheduler.go (a turn), plugin.go (the contract and the list of
// plugins), nodename.go (the smallest plugin), then explain.go (the table
// that shows a decision).
package scheduler
