package controllers

import (
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/utils/ptr"
)

// currentStatus adds up the ReplicaSets' statuses as this turn found them, and
// says whether enough Pods are available. Other conditions stay.
func (r *rollout) currentStatus() appsv1.DeploymentStatus {
	all := r.all()
	availablePods := sumReplicas(all, availableReplicas)
	status := appsv1.DeploymentStatus{
		ObservedGeneration:  r.d.Generation,
		Replicas:            sumReplicas(all, existingReplicas),
		ReadyReplicas:       sumReplicas(all, readyReplicas),
		AvailableReplicas:   availablePods,
		UnavailableReplicas: max(0, sumReplicas(all, wantedReplicas)-availablePods),
		TerminatingReplicas: terminatingReplicas(all),
		CollisionCount:      r.d.Status.CollisionCount,
		Conditions:          slices.Clone(r.d.Status.Conditions),
	}
	if r.newRS != nil {
		status.UpdatedReplicas = r.newRS.Status.Replicas
	}
	condition := appsv1.DeploymentCondition{
		Type:    appsv1.DeploymentAvailable,
		Status:  corev1.ConditionTrue,
		Reason:  "MinimumReplicasAvailable",
		Message: "Deployment has minimum availability.",
	}
	if availablePods < r.replicas()-maxUnavailable(r.d) {
		condition.Status = corev1.ConditionFalse
		condition.Reason = "MinimumReplicasUnavailable"
		condition.Message = "Deployment does not have minimum availability."
	}
	r.setCondition(&status, condition)
	return status
}

// terminatingReplicas adds up the Pods that are on their way out. It is nil as
// long as a ReplicaSet that has been looked at does not say.
func terminatingReplicas(sets []*appsv1.ReplicaSet) *int32 {
	var total int32
	for _, rs := range sets {
		if rs.Status.TerminatingReplicas == nil && rs.Status.ObservedGeneration != 0 {
			return nil
		}
		total += ptr.Deref(rs.Status.TerminatingReplicas, 0)
	}
	return &total
}

// writeStatus plans the one write of the Deployment, if anything has changed.
func (r *rollout) writeStatus() {
	if equality.Semantic.DeepEqual(r.stored.Status, r.d.Status) && maps.Equal(r.stored.Annotations, r.d.Annotations) {
		return
	}
	s := r.d.Status
	r.plan.UpdateStatus(r.d, "%d of %d pods updated, %d available", s.UpdatedReplicas, r.replicas(), s.AvailableReplicas)
}

// deploymentCondition finds the condition of a type, or nil.
func deploymentCondition(status appsv1.DeploymentStatus, t appsv1.DeploymentConditionType) *appsv1.DeploymentCondition {
	for i := range status.Conditions {
		if status.Conditions[i].Type == t {
			return &status.Conditions[i]
		}
	}
	return nil
}

// setCondition puts a condition in the place of the one of its type, and says
// whether that changed anything: with the same status and reason, the earlier
// one stays, message included. The time of transition moves only with the
// status.
func (r *rollout) setCondition(status *appsv1.DeploymentStatus, c appsv1.DeploymentCondition) bool {
	now := timestamp(r.view)
	if c.LastUpdateTime.IsZero() {
		c.LastUpdateTime = now
	}
	if c.LastTransitionTime.IsZero() {
		c.LastTransitionTime = now
	}
	if current := deploymentCondition(*status, c.Type); current != nil && current.Status == c.Status {
		if current.Reason == c.Reason {
			return false
		}
		c.LastTransitionTime = current.LastTransitionTime
	}
	removeDeploymentCondition(status, c.Type)
	status.Conditions = append(status.Conditions, c)
	return true
}

func removeDeploymentCondition(status *appsv1.DeploymentStatus, t appsv1.DeploymentConditionType) {
	status.Conditions = slices.DeleteFunc(slices.Clone(status.Conditions), func(c appsv1.DeploymentCondition) bool { return c.Type == t })
}
