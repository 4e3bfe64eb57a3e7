package controllers

import (
	appsv1 "k8s.io/api/apps/v1"
)

// roll is the RollingUpdate strategy: grow the new ReplicaSet as far as
// maxSurge allows; when it cannot grow, shrink the old ones as far as
// maxUnavailable allows.
func (r *rollout) roll() {
	if r.newRS == nil && !r.createNewReplicaSet() {
		return
	}
	if !r.scaleUpNew() && !r.scaleDownOld() && r.complete(r.stored.Status) {
		r.cleanUpHistory()
	}
	r.syncProgress()
}

func (r *rollout) scaleUpNew() bool {
	size := r.newReplicas()
	if *r.newRS.Spec.Replicas > size {
		return r.scale(r.newRS, size, "only %d wanted", size)
	}
	return r.scale(r.newRS, size, "room for more: %d of at most %d pods are asked for", sumReplicas(r.all(), wantedReplicas), r.replicas()+maxSurge(r.d))
}

// newReplicas is the size that the new ReplicaSet may have by now.
func (r *rollout) newReplicas() int32 {
	if r.d.Spec.Strategy.Type != appsv1.RollingUpdateDeploymentStrategyType {
		return r.replicas()
	}
	var size int32
	if r.newRS != nil {
		size = *r.newRS.Spec.Replicas
	}
	room := max(0, r.replicas()+maxSurge(r.d)-sumReplicas(r.all(), wantedReplicas))
	return min(size+room, r.replicas())
}

// scaleDownOld takes Pods from the old ReplicaSets: first those that are not
// available, as nothing is lost with them, then as many as may be unavailable.
// New Pods that are not yet available count as unavailable in both steps.
//
// Upstream: pkg/controller/deployment (reconcileOldReplicaSets), with both steps in one write and one event for each ReplicaSet, so one that is still shrinking holds back the older ones too.
func (r *rollout) scaleDownOld() bool {
	old := activeReplicaSets(r.oldRSs)
	minAvailable := r.replicas() - maxUnavailable(r.d)
	newUnavailable := *r.newRS.Spec.Replicas - r.newRS.Status.AvailableReplicas
	spare := sumReplicas(r.all(), wantedReplicas) - minAvailable - newUnavailable
	if len(old) == 0 || spare <= 0 {
		return false
	}
	sizes := make([]int32, len(old))
	for i, rs := range old {
		unhealthy := *rs.Spec.Replicas - rs.Status.AvailableReplicas
		if unhealthy < 0 && spare > 0 {
			r.plan.Observe("%s, still shrinking", rs.Name)
			return false
		}
		cut := min(spare, max(0, unhealthy))
		sizes[i] = *rs.Spec.Replicas - cut
		spare -= cut
	}
	availablePods := sumReplicas(old, availableReplicas) + r.newRS.Status.AvailableReplicas
	surplus := max(0, availablePods-minAvailable)
	for i := range sizes {
		cut := min(surplus, sizes[i])
		sizes[i] -= cut
		surplus -= cut
	}
	scaled := false
	for i, rs := range old {
		if r.scale(rs, sizes[i], "%d of its %d pods are available, %d in all; at least %d must be", rs.Status.AvailableReplicas, *rs.Spec.Replicas, availablePods, minAvailable) {
			scaled = true
		}
	}
	return scaled
}
