package controllers

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/reconcile"
)

var (
	replicaSetKind            = appsv1.SchemeGroupVersion.WithKind("ReplicaSet")
	replicationControllerKind = corev1.SchemeGroupVersion.WithKind("ReplicationController")
)

// replicated is what keeps a number of Pods of one template: a ReplicaSet, or
// a ReplicationController in the form of one.
type replicated struct {
	*appsv1.ReplicaSet
	// stored is the object itself, which writes and events are about.
	stored reconcile.Object
	kind   schema.GroupVersionKind
}

// updateStatus plans a status write if there is something to write, and says so.
func (r replicated) updateStatus(plan *reconcile.Plan, status appsv1.ReplicaSetStatus) bool {
	counts := fmt.Sprintf("%d pods, %d ready, %d available", status.Replicas, status.ReadyReplicas, status.AvailableReplicas)
	if rc, ok := r.stored.(*corev1.ReplicationController); ok {
		updated := rc.DeepCopy()
		updated.Status = replicationControllerStatus(status)
		if equality.Semantic.DeepEqual(rc.Status, updated.Status) {
			return false
		}
		plan.UpdateStatus(updated, counts)
		return true
	}
	if equality.Semantic.DeepEqual(r.Status, status) {
		return false
	}
	updated := r.ReplicaSet.DeepCopy()
	updated.Status = status
	plan.UpdateStatus(updated, "%s, %d terminating", counts, *status.TerminatingReplicas)
	return true
}
