package controllers

import (
	"fmt"
	"slices"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// FlowSchemaStatus says of each FlowSchema whether its priority level exists.
// One without is dangling: no request belongs to it.
//
// Upstream: k8s.io/apiserver/pkg/util/flowcontrol (configController), of which this is the status of FlowSchemas, updated where upstream applies it; no request is ever queued.
func FlowSchemaStatus() reconcile.Component {
	return reconcile.Component{
		Name: "api-priority-and-fairness-config-consumer",
		User: apiserverUser,
		Watches: []reconcile.Watch{
			reconcile.Whole(reconcile.FlowSchemas.GroupResource),
			reconcile.Whole(reconcile.PriorityLevelConfigurations.GroupResource).If(comesOrGoes),
		},
		Reconcile: func(v reconcile.View, _ reconcile.Request) (reconcile.Plan, error) {
			return tellDangling(v), nil
		},
	}
}

func comesOrGoes(before, after reconcile.Object) bool { return before == nil || after == nil }

func tellDangling(v reconcile.View) reconcile.Plan {
	var plan reconcile.Plan
	for _, schema := range reconcile.FlowSchemas.List(v) {
		level := schema.Spec.PriorityLevelConfiguration.Name
		_, exists := reconcile.PriorityLevelConfigurations.Get(v, reconcile.Key{Name: level})
		condition := danglingCondition(level, exists)
		i := slices.IndexFunc(schema.Status.Conditions, func(c flowcontrolv1.FlowSchemaCondition) bool { return c.Type == condition.Type })
		if i >= 0 {
			condition.LastTransitionTime = schema.Status.Conditions[i].LastTransitionTime
			if schema.Status.Conditions[i] == condition {
				continue
			}
		}
		condition.LastTransitionTime = metav1.NewTime(v.Now())
		updated := schema.DeepCopy()
		if i < 0 {
			updated.Status.Conditions = append(updated.Status.Conditions, condition)
		} else {
			updated.Status.Conditions[i] = condition
		}
		plan.UpdateStatus(updated, "priority level %s: %s", level, condition.Reason)
	}
	return plan
}

func danglingCondition(level string, exists bool) flowcontrolv1.FlowSchemaCondition {
	c := flowcontrolv1.FlowSchemaCondition{
		Type:    flowcontrolv1.FlowSchemaConditionDangling,
		Status:  flowcontrolv1.ConditionFalse,
		Reason:  "Found",
		Message: fmt.Sprintf("This FlowSchema references the PriorityLevelConfiguration object named %q and it exists", level),
	}
	if !exists {
		c.Status, c.Reason = flowcontrolv1.ConditionTrue, "NotFound"
		c.Message = fmt.Sprintf("This FlowSchema references the PriorityLevelConfiguration object named %q but there is no such object", level)
	}
	return c
}
