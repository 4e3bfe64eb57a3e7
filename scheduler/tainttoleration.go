package scheduler

import (
	corev1 "k8s.io/api/core/v1"
	schedulinghelpers "k8s.io/component-helpers/scheduling/corev1"
)

// TaintToleration refuses nodes with a NoSchedule or NoExecute taint that the
// pod does not tolerate, and prefers those with the fewest untolerated
// PreferNoSchedule taints.
type TaintToleration struct{}

// Name is upstream's name of the plugin.
func (TaintToleration) Name() string { return "TaintToleration" }

// PreFilter never skips: a pod without tolerations minds taints most.
func (TaintToleration) PreFilter(pod *PodInfo, _ *Snapshot) PreFilterResult {
	tolerations := pod.Pod.Spec.Tolerations
	refused := unresolvable("node(s) had untolerated taint(s)")
	return PreFilterResult{Filter: func(n *NodeInfo) *Status {
		for i := range n.Node.Spec.Taints {
			taint := &n.Node.Spec.Taints[i]
			if forbids(taint) && !tolerates(tolerations, taint) {
				return refused
			}
		}
		return nil
	}}
}

// PreScore counts a node's untolerated PreferNoSchedule taints.
func (TaintToleration) PreScore(pod *PodInfo, _ *Snapshot, _ []*NodeInfo) (Score, error) {
	tolerations := pod.Pod.Spec.Tolerations
	return func(n *NodeInfo) (untolerated int64) {
		for i := range n.Node.Spec.Taints {
			taint := &n.Node.Spec.Taints[i]
			if taint.Effect == corev1.TaintEffectPreferNoSchedule && !tolerates(tolerations, taint) {
				untolerated++
			}
		}
		return untolerated
	}, nil
}

// NormalizeScore gives MaxNodeScore to a node without such taints.
func (TaintToleration) NormalizeScore(scores []int64) { normalize(scores, true) }

// forbids says whether the taint keeps pods away rather than only off if possible.
func forbids(taint *corev1.Taint) bool {
	return taint.Effect == corev1.TaintEffectNoSchedule || taint.Effect == corev1.TaintEffectNoExecute
}

// tolerates says whether any toleration tolerates the taint.
//
// Upstream: the operators Gt and Lt of tolerations (TaintTolerationComparisonOperators, alpha) match nothing, as with the feature gate's default.
func tolerates(tolerations []corev1.Toleration, taint *corev1.Taint) bool {
	return len(tolerations) > 0 && unlogged(schedulinghelpers.TolerationsTolerateTaint, tolerations, taint)
}

// unlogged calls a matcher of component-helpers with a logger that writes
// nothing. The logger's type is inferred, so that no logging package has to be
// imported into what must stay pure.
func unlogged[Logger any](
	match func(Logger, []corev1.Toleration, *corev1.Taint, bool) bool,
	tolerations []corev1.Toleration, taint *corev1.Taint,
) bool {
	var silent Logger
	return match(silent, tolerations, taint, false)
}
