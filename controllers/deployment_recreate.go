package controllers

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// recreate is the Recreate strategy: no old Pods, then all new ones.
func (r *rollout) recreate() {
	if r.stopOld() || r.oldPodsRunning() {
		r.syncProgress()
		return
	}
	if r.newRS == nil && !r.createNewReplicaSet() {
		return
	}
	r.scale(r.newRS, r.replicas(), "no old pod is left")
	if r.complete(r.stored.Status) {
		r.cleanUpHistory()
	}
	r.syncProgress()
}

func (r *rollout) stopOld() bool {
	stopped := false
	for _, rs := range activeReplicaSets(r.oldRSs) {
		stopped = r.scale(rs, 0, "old pods go before new ones come") || stopped
	}
	return stopped
}

// oldPodsRunning says whether an old ReplicaSet has, or thinks it has, Pods
// that have not ended. Terminating ones still run.
func (r *rollout) oldPodsRunning() bool {
	if sumReplicas(r.oldRSs, existingReplicas) > 0 {
		return true
	}
	for _, rs := range r.oldRSs {
		for _, pod := range reconcile.Pods.List(r.view, reconcile.InNamespace(rs.Namespace), reconcile.OwnedBy(rs.UID)) {
			if metav1.IsControlledBy(pod, rs) && !isPodTerminal(pod) {
				r.plan.Observe("old pod %s, not gone yet", pod.Name)
				return true
			}
		}
	}
	return false
}
