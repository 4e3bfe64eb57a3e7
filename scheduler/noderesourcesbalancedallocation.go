package scheduler

import "math"

// NodeResourcesBalancedAllocation prefers nodes whose cpu and memory the pod
// would fill more evenly, so that neither is left over without the other.
type NodeResourcesBalancedAllocation struct{}

// Name is upstream's name of the plugin.
func (NodeResourcesBalancedAllocation) Name() string { return "NodeResourcesBalancedAllocation" }

// PreScore skips pods that request neither cpu nor memory: they would all go
// to one node.
func (NodeResourcesBalancedAllocation) PreScore(pod *PodInfo, _ *Snapshot, _ []*NodeInfo) (Score, error) {
	cpu, memory := pod.Requests.MilliCPU, pod.Requests.Memory
	if cpu == 0 && memory == 0 {
		return nil, nil
	}
	return func(n *NodeInfo) int64 {
		with := balance(n, n.Requested.MilliCPU+cpu, n.Requested.Memory+memory)
		without := balance(n, n.Requested.MilliCPU, n.Requested.Memory)
		// Each is in [50, 100], so the sum is in [50, 100] again: 75 means
		// that the pod changes nothing, more that it evens the node out.
		return MaxNodeScore/2 + (MaxNodeScore/2+with-without)/2
	}, nil
}

// balance is MaxNodeScore if the same share of cpu and of memory is
// requested, and falls with the standard deviation of the two shares.
func balance(n *NodeInfo, cpu, memory int64) int64 {
	if n.Allocatable.MilliCPU == 0 || n.Allocatable.Memory == 0 {
		return MaxNodeScore
	}
	cpuShare := min(1, float64(cpu)/float64(n.Allocatable.MilliCPU))
	memoryShare := min(1, float64(memory)/float64(n.Allocatable.Memory))
	deviation := math.Abs((cpuShare - memoryShare) / 2)
	return int64((1 - deviation) * float64(MaxNodeScore))
}
