package controllers

import (
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// rollout is one turn of a Deployment: what it sees and what it plans.
type rollout struct {
	view reconcile.View
	plan *reconcile.Plan
	// lastErr is how the previous turn ended.
	lastErr error
	// stored is the Deployment as the view has it; d is a copy whose status
	// and revision annotation are written once, at the end of the turn.
	//
	// Upstream: pkg/controller/deployment, which writes the Deployment after each step of a sync and meets conflicts with itself; here all of a turn's changes are one status update.
	stored, d *appsv1.Deployment
	// newRS has the Deployment's own template; nil if there is none yet.
	newRS *appsv1.ReplicaSet
	// oldRSs are the others, oldest first.
	oldRSs []*appsv1.ReplicaSet
}

func newRollout(v reconcile.View, plan *reconcile.Plan, lastErr error, stored *appsv1.Deployment, replicaSets []*appsv1.ReplicaSet) *rollout {
	r := &rollout{view: v, plan: plan, lastErr: lastErr, stored: stored, d: stored.DeepCopy()}
	for _, rs := range replicaSets {
		// The oldest one counts if, against all odds, two have the template.
		if r.newRS == nil && equalIgnoringHash(&rs.Spec.Template, &stored.Spec.Template) {
			r.newRS = rs
		} else {
			r.oldRSs = append(r.oldRSs, rs)
		}
	}
	return r
}

// advance plans what brings the rollout one turn further, and works out the
// status that goes with it.
func (r *rollout) advance() error {
	r.observe()
	deleting := r.d.DeletionTimestamp != nil
	if !deleting {
		r.notePause()
	}
	// Upstream: pkg/controller/deployment (getNewReplicaSet), which goes on with the ReplicaSet that the write returned; here the next turn does, when the view shows it.
	if r.newRS != nil && r.syncNewReplicaSet() {
		return nil
	}
	switch {
	case deleting:
		r.d.Status = r.currentStatus()
	case r.d.Spec.Paused:
		r.scaleAll()
		r.cleanUpHistory()
		r.d.Status = r.currentStatus()
	case r.isScalingEvent():
		r.scaleAll()
		r.d.Status = r.currentStatus()
	case r.d.Spec.Strategy.Type == appsv1.RecreateDeploymentStrategyType:
		r.recreate()
	case r.d.Spec.Strategy.Type == appsv1.RollingUpdateDeploymentStrategyType:
		r.roll()
	default:
		return fmt.Errorf("unexpected deployment strategy type: %s", r.d.Spec.Strategy.Type)
	}
	return nil
}

// observe notes the sizes that the decisions rest on.
func (r *rollout) observe() {
	want := r.replicas()
	r.plan.Observe("%s wanted, at most %d, at least %d available", podCount(want), want+maxSurge(r.d), want-maxUnavailable(r.d))
	for _, rs := range r.all() {
		age := "old"
		if rs == r.newRS {
			age = "new"
		} else if *rs.Spec.Replicas == 0 && rs.Status.Replicas == 0 {
			continue
		}
		r.plan.Observe("%s %s: asks for %s, has %d, %d available", age, rs.Name, podCount(*rs.Spec.Replicas), rs.Status.Replicas, rs.Status.AvailableReplicas)
	}
}

func podCount(n int32) string {
	if n == 1 {
		return "1 pod"
	}
	return fmt.Sprintf("%d pods", n)
}

// replicas is how many Pods the Deployment asks for.
func (r *rollout) replicas() int32 { return *r.d.Spec.Replicas }

// all is every ReplicaSet: the old ones, oldest first, then the new one.
func (r *rollout) all() []*appsv1.ReplicaSet {
	if r.newRS == nil {
		return r.oldRSs
	}
	return append(slices.Clip(r.oldRSs), r.newRS)
}

// activeReplicaSets keeps the ReplicaSets that ask for Pods.
func activeReplicaSets(sets []*appsv1.ReplicaSet) []*appsv1.ReplicaSet {
	var asking []*appsv1.ReplicaSet
	for _, rs := range sets {
		if *rs.Spec.Replicas > 0 {
			asking = append(asking, rs)
		}
	}
	return asking
}

// sumReplicas adds up one number of each ReplicaSet.
func sumReplicas(sets []*appsv1.ReplicaSet, number func(*appsv1.ReplicaSet) int32) int32 {
	var total int32
	for _, rs := range sets {
		total += number(rs)
	}
	return total
}

func wantedReplicas(rs *appsv1.ReplicaSet) int32    { return *rs.Spec.Replicas }
func existingReplicas(rs *appsv1.ReplicaSet) int32  { return rs.Status.Replicas }
func readyReplicas(rs *appsv1.ReplicaSet) int32     { return rs.Status.ReadyReplicas }
func availableReplicas(rs *appsv1.ReplicaSet) int32 { return rs.Status.AvailableReplicas }

// event notes something about the Deployment.
func (r *rollout) event(eventType, reason, message string) {
	r.plan.Event(r.stored, eventType, reason, message)
}

// scale plans a ReplicaSet's new size, and notes the Deployment's own size on
// it. It says whether the size changes; if it does not, nothing is written.
func (r *rollout) scale(rs *appsv1.ReplicaSet, size int32, why string, args ...any) bool {
	if *rs.Spec.Replicas == size {
		return false
	}
	r.writeSize(rs, size, why, args...)
	direction := "up"
	if size < *rs.Spec.Replicas {
		direction = "down"
	}
	r.event(corev1.EventTypeNormal, "ScalingReplicaSet",
		fmt.Sprintf("Scaled %s replica set %s from %d to %d", direction, rs.Name, *rs.Spec.Replicas, size))
	return true
}

func (r *rollout) writeSize(rs *appsv1.ReplicaSet, size int32, why string, args ...any) {
	scaled := rs.DeepCopy()
	*scaled.Spec.Replicas = size
	annotateSizes(scaled, r.d)
	r.plan.Update(scaled, why, args...)
}
