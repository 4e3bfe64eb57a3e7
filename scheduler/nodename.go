package scheduler

import "k8s.io/apimachinery/pkg/util/sets"

// NodeName keeps a pod that already names its node to that node.
type NodeName struct{}

// Name is upstream's name of the plugin.
func (NodeName) Name() string { return "NodeName" }

// PreFilter skips pods that name no node, which are all pods of the queue.
func (NodeName) PreFilter(pod *PodInfo, _ *Snapshot) PreFilterResult {
	wanted := pod.Pod.Spec.NodeName
	if wanted == "" {
		return PreFilterResult{}
	}
	elsewhere := unresolvable("node(s) didn't match the requested node name")
	return PreFilterResult{
		NodeNames: sets.New(wanted),
		Filter: func(n *NodeInfo) *Status {
			if n.Node.Name != wanted {
				return elsewhere
			}
			return nil
		},
	}
}

// unresolvable is a refusal that no eviction could lift.
func unresolvable(reason string) *Status {
	return &Status{Reasons: []string{reason}, Unresolvable: true}
}
