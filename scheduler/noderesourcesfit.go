package scheduler

// ScoringStrategy says which nodes NodeResourcesFit prefers.
type ScoringStrategy string

// The strategies, as in NodeResourcesFitArgs.
const (
	LeastAllocated ScoringStrategy = "LeastAllocated" // spread: the emptiest node
	MostAllocated  ScoringStrategy = "MostAllocated"  // pack: the fullest node that still fits
)

// NodeResourcesFit refuses nodes without room for what the pod requests, and
// ranks the others by how full they would be.
//
// Upstream: pkg/scheduler/framework/plugins/noderesources (fit.go), without the RequestedToCapacityRatio strategy, ignored resources, resources other than cpu and memory in scores, and resources that DRA drivers provide.
type NodeResourcesFit struct {
	Strategy ScoringStrategy
}

// Name is upstream's name of the plugin.
func (NodeResourcesFit) Name() string { return "NodeResourcesFit" }

// PreFilter never skips: even a pod that requests nothing is one pod more.
func (NodeResourcesFit) PreFilter(pod *PodInfo, _ *Snapshot) PreFilterResult {
	want := pod.Requests
	return PreFilterResult{Filter: func(n *NodeInfo) *Status {
		if fits(&want, n) {
			return nil
		}
		return insufficient(&want, n)
	}}
}

// fits is insufficient without the explanation: most nodes of most turns pass,
// and should cost no allocation.
func fits(want *Resource, n *NodeInfo) bool {
	if n.Pods+1 > n.AllowedPods ||
		lacks(want.MilliCPU, n.Requested.MilliCPU, n.Allocatable.MilliCPU) ||
		lacks(want.Memory, n.Requested.Memory, n.Allocatable.Memory) ||
		lacks(want.EphemeralStorage, n.Requested.EphemeralStorage, n.Allocatable.EphemeralStorage) {
		return false
	}
	for _, s := range want.Scalars {
		if lacks(s.Amount, n.Requested.Scalar(s.Name), n.Allocatable.Scalar(s.Name)) {
			return false
		}
	}
	return true
}

// insufficient names everything that the node lacks. A request larger than
// the whole node cannot be helped by evicting pods.
func insufficient(want *Resource, n *NodeInfo) *Status {
	status := &Status{}
	if n.Pods+1 > n.AllowedPods {
		status.Reasons = append(status.Reasons, "Too many pods")
	}
	check := func(reason string, want, used, allocatable int64) {
		if lacks(want, used, allocatable) {
			status.Reasons = append(status.Reasons, reason)
			status.Unresolvable = status.Unresolvable || want > allocatable
		}
	}
	check("Insufficient cpu", want.MilliCPU, n.Requested.MilliCPU, n.Allocatable.MilliCPU)
	check("Insufficient memory", want.Memory, n.Requested.Memory, n.Allocatable.Memory)
	check("Insufficient ephemeral-storage", want.EphemeralStorage, n.Requested.EphemeralStorage, n.Allocatable.EphemeralStorage)
	for _, s := range want.Scalars {
		check("Insufficient "+string(s.Name), s.Amount, n.Requested.Scalar(s.Name), n.Allocatable.Scalar(s.Name))
	}
	return status
}

// lacks ignores resources that are not asked for: a node may be overcommitted
// in them.
func lacks(want, used, allocatable int64) bool { return want > 0 && want > allocatable-used }

// PreScore compares nodes by the share of cpu and memory that would be
// requested of them with the pod, counting containers without requests too.
func (f NodeResourcesFit) PreScore(pod *PodInfo, _ *Snapshot, _ []*NodeInfo) (Score, error) {
	rate := leastAllocated
	if f.Strategy == MostAllocated {
		rate = mostAllocated
	}
	want := pod.NonZero
	return func(n *NodeInfo) int64 {
		var sum, resources int64
		if total := n.Allocatable.MilliCPU; total > 0 {
			sum += rate(n.NonZero.MilliCPU+want.MilliCPU, total)
			resources++
		}
		if total := n.Allocatable.Memory; total > 0 {
			sum += rate(n.NonZero.Memory+want.Memory, total)
			resources++
		}
		if resources == 0 {
			return 0
		}
		return sum / resources
	}, nil
}

// leastAllocated is the free share of a resource, 0 if it is overcommitted.
func leastAllocated(requested, allocatable int64) int64 {
	if requested > allocatable {
		return 0
	}
	return (allocatable - requested) * MaxNodeScore / allocatable
}

// mostAllocated is the requested share of a resource. It can pass the whole,
// because containers without requests count in scores but not in the filter.
func mostAllocated(requested, allocatable int64) int64 {
	return min(requested, allocatable) * MaxNodeScore / allocatable
}
