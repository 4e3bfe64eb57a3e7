package controllers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/reconcile"
)

// NodeLifecycle keeps the taints of a node that say, to the scheduler, what
// its conditions and spec.unschedulable say.
//
// Upstream: pkg/controller/nodelifecycle (doNoScheduleTaintingPass), without declaring silent nodes unreachable and evicting their pods.
func NodeLifecycle() reconcile.Component {
	return reconcile.Component{
		Name:      "node-lifecycle-controller",
		User:      "system:serviceaccount:kube-system:node-controller",
		For:       reconcile.Nodes.GroupResource,
		Watches:   []reconcile.Watch{reconcile.Self(reconcile.Nodes.GroupResource).If(taintsAreStale)},
		Reconcile: taintByCondition,
	}
}

func taintsAreStale(_, after reconcile.Object) bool {
	if after == nil {
		return false
	}
	node := after.(*corev1.Node)
	missing, extra := compareTaints(node)
	return len(missing)+len(extra) > 0
}

func taintByCondition(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	var plan reconcile.Plan
	node, ok := reconcile.Nodes.Get(v, req.Key)
	if !ok {
		return plan, nil
	}
	missing, extra := compareTaints(node)
	if len(missing)+len(extra) == 0 {
		return plan, nil
	}
	taints := slices.DeleteFunc(slices.Clone(node.Spec.Taints), func(t corev1.Taint) bool {
		return t.Effect == corev1.TaintEffectNoSchedule && slices.Contains(extra, t.Key)
	})
	var why []string
	now := metav1.NewTime(v.Now())
	for _, key := range missing {
		taints = append(taints, corev1.Taint{Key: key, Effect: corev1.TaintEffectNoSchedule, TimeAdded: &now})
		why = append(why, "taint "+key)
	}
	for _, key := range extra {
		why = append(why, "no longer "+key)
	}
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{"taints": taints}})
	if err != nil {
		return plan, fmt.Errorf("encode taints: %w", err)
	}
	plan.Patch(node, types.StrategicMergePatchType, patch, "%s", strings.Join(why, ", "))
	return plan, nil
}

// compareTaints finds the keys of NoSchedule taints that a node should have
// and has not, and of those that it has and should not have.
func compareTaints(node *corev1.Node) (missing, extra []string) {
	has := func(key string) bool {
		return slices.ContainsFunc(node.Spec.Taints, func(t corev1.Taint) bool {
			return t.Key == key && t.Effect == corev1.TaintEffectNoSchedule
		})
	}
	for _, key := range conditionTaints {
		switch wanted, present := wantsTaint(node, key), has(key); {
		case wanted && !present:
			missing = append(missing, key)
		case present && !wanted:
			extra = append(extra, key)
		}
	}
	return missing, extra
}

// conditionTaints are the taints that this controller alone sets.
var conditionTaints = [...]string{
	corev1.TaintNodeNotReady,
	corev1.TaintNodeUnreachable,
	corev1.TaintNodeMemoryPressure,
	corev1.TaintNodeDiskPressure,
	corev1.TaintNodePIDPressure,
	corev1.TaintNodeNetworkUnavailable,
	corev1.TaintNodeUnschedulable,
}

func wantsTaint(node *corev1.Node, key string) bool {
	switch key {
	case corev1.TaintNodeUnschedulable:
		return node.Spec.Unschedulable
	case corev1.TaintNodeNotReady:
		return hasCondition(node, corev1.NodeReady, corev1.ConditionFalse)
	case corev1.TaintNodeUnreachable:
		return hasCondition(node, corev1.NodeReady, corev1.ConditionUnknown)
	case corev1.TaintNodeMemoryPressure:
		return hasCondition(node, corev1.NodeMemoryPressure, corev1.ConditionTrue)
	case corev1.TaintNodeDiskPressure:
		return hasCondition(node, corev1.NodeDiskPressure, corev1.ConditionTrue)
	case corev1.TaintNodePIDPressure:
		return hasCondition(node, corev1.NodePIDPressure, corev1.ConditionTrue)
	}
	return hasCondition(node, corev1.NodeNetworkUnavailable, corev1.ConditionTrue)
}

func hasCondition(node *corev1.Node, condition corev1.NodeConditionType, status corev1.ConditionStatus) bool {
	return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == condition && c.Status == status
	})
}
