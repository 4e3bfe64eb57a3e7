package admission

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// taintNodesByCondition taints a new node as not ready, so that no pod is
// scheduled onto it before the node lifecycle controller has seen it ready.
//
// Upstream: plugin/pkg/admission/nodetaint.
func taintNodesByCondition() Plugin {
	notReady := corev1.Taint{Key: corev1.TaintNodeNotReady, Effect: corev1.TaintEffectNoSchedule}
	return Plugin{Name: "TaintNodesByCondition", For: []schema.GroupResource{nodes}, Admit: func(a *Attributes) error {
		if !a.isNew() {
			return nil
		}
		node := a.Object.(*corev1.Node)
		if !slices.ContainsFunc(node.Spec.Taints, func(t corev1.Taint) bool { return t.MatchTaint(&notReady) }) {
			node.Spec.Taints = append(slices.Clip(node.Spec.Taints), notReady)
		}
		return nil
	}}
}
