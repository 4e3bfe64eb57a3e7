package controllers

import (
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// writeStatus plans the write of a budget's status, if it says anything new.
// The conditions follow from how many disruptions are allowed.
func (t *budgetTurn) writeStatus(status policyv1.PodDisruptionBudgetStatus) {
	status.Conditions = append(status.Conditions, t.pdb.Status.Conditions...)
	condition := metav1.Condition{
		Type:               policyv1.DisruptionAllowedCondition,
		Status:             metav1.ConditionFalse,
		Reason:             policyv1.InsufficientPodsReason,
		ObservedGeneration: status.ObservedGeneration,
		LastTransitionTime: timestamp(t.view),
	}
	if status.DisruptionsAllowed > 0 {
		condition.Status, condition.Reason = metav1.ConditionTrue, policyv1.SufficientPodsReason
	}
	meta.SetStatusCondition(&status.Conditions, condition)
	t.write(status, "%d of %d pods healthy, %d disruptions allowed", status.CurrentHealthy, status.ExpectedPods, status.DisruptionsAllowed)
}

// failSafe allows no disruption while nobody knows how many there could be.
//
// Upstream: pkg/controller/disruption (failSafe).
func (t *budgetTurn) failSafe(why error) {
	status := *t.pdb.Status.DeepCopy()
	status.DisruptionsAllowed = 0
	meta.SetStatusCondition(&status.Conditions, metav1.Condition{
		Type:               policyv1.DisruptionAllowedCondition,
		Status:             metav1.ConditionFalse,
		Reason:             policyv1.SyncFailedReason,
		Message:            why.Error(),
		ObservedGeneration: status.ObservedGeneration,
		LastTransitionTime: timestamp(t.view),
	})
	t.write(status, "allow no disruption: %v", why)
}

func (t *budgetTurn) write(status policyv1.PodDisruptionBudgetStatus, why string, args ...any) {
	if equality.Semantic.DeepEqual(t.pdb.Status, status) {
		return
	}
	updated := t.pdb.DeepCopy()
	updated.Status = status
	t.plan.UpdateStatus(updated, why, args...)
}
