package scheduler

import (
	corev1 "k8s.io/api/core/v1"
)

// NodeUnschedulable refuses cordoned nodes, unless the pod tolerates the taint
// that stands for cordoning.
type NodeUnschedulable struct{}

// Name is upstream's name of the plugin.
func (NodeUnschedulable) Name() string { return "NodeUnschedulable" }

// PreFilter skips pods that tolerate node.kubernetes.io/unschedulable.
func (NodeUnschedulable) PreFilter(pod *PodInfo, _ *Snapshot) PreFilterResult {
	cordoned := &corev1.Taint{Key: corev1.TaintNodeUnschedulable, Effect: corev1.TaintEffectNoSchedule}
	if tolerates(pod.Pod.Spec.Tolerations, cordoned) {
		return PreFilterResult{}
	}
	refused := unresolvable("node(s) were unschedulable")
	return PreFilterResult{Filter: func(n *NodeInfo) *Status {
		if n.Node.Spec.Unschedulable {
			return refused
		}
		return nil
	}}
}
