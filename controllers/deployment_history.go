package controllers

import (
	"cmp"
	"math"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
)

// cleanUpHistory deletes the old ReplicaSets beyond revisionHistoryLimit, the
// lowest revisions first. One that still has Pods, or has not been looked at
// since it was changed, uses up its turn and stays.
func (r *rollout) cleanUpHistory() {
	limit := r.d.Spec.RevisionHistoryLimit
	if limit == nil || *limit == math.MaxInt32 {
		return
	}
	var alive []*appsv1.ReplicaSet
	for _, rs := range r.oldRSs {
		if rs.DeletionTimestamp == nil {
			alive = append(alive, rs)
		}
	}
	slices.SortFunc(alive, lowerRevision)
	for _, rs := range alive[:max(0, len(alive)-int(*limit))] {
		if *rs.Spec.Replicas == 0 && rs.Status.Replicas == 0 && rs.Generation <= rs.Status.ObservedGeneration {
			r.plan.Delete(rs, "%d old revisions, revisionHistoryLimit is %d", len(alive), *limit)
		}
	}
}

// lowerRevision orders by revision; by age if the numbers do not tell.
func lowerRevision(a, b *appsv1.ReplicaSet) int {
	revisionA, errA := revision(a)
	revisionB, errB := revision(b)
	if errA != nil || errB != nil {
		return olderReplicaSet(a, b)
	}
	return cmp.Or(cmp.Compare(revisionA, revisionB), olderReplicaSet(a, b))
}
