package controllers

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
)

// Annotations on a ReplicaSet that tell scaling from rolling out: how many
// Pods its Deployment wanted, and allowed, when it was last scaled.
const (
	desiredReplicasAnnotation = "deployment.kubernetes.io/desired-replicas"
	maxReplicasAnnotation     = "deployment.kubernetes.io/max-replicas"
)

// isScalingEvent says whether the Deployment has been resized since its
// ReplicaSets were last scaled.
func (r *rollout) isScalingEvent() bool {
	return slices.ContainsFunc(activeReplicaSets(r.all()), func(rs *appsv1.ReplicaSet) bool {
		desired, ok := replicasAnnotation(rs, desiredReplicasAnnotation)
		return ok && desired != r.replicas()
	})
}

// scaleAll brings a resized or paused Deployment to its size without moving
// the rollout: what is under way is scaled in proportion.
func (r *rollout) scaleAll() {
	if only := r.activeOrLatest(); only != nil {
		r.scale(only, r.replicas(), "%s wanted", podCount(r.replicas()))
		return
	}
	// More than one ReplicaSet is active from here on, unless there is none.
	switch {
	case r.newSaturated():
		for _, rs := range activeReplicaSets(r.oldRSs) {
			r.scale(rs, 0, "the new ReplicaSet has all the pods that are wanted")
		}
	case r.d.Spec.Strategy.Type == appsv1.RollingUpdateDeploymentStrategyType:
		r.scaleInProportion()
	}
}

// activeOrLatest is the only active ReplicaSet; if none is active, the new
// one, or the latest; and nil if several are.
func (r *rollout) activeOrLatest() *appsv1.ReplicaSet {
	sets := activeReplicaSets(r.all())
	switch {
	case len(sets) == 1:
		return sets[0]
	case len(sets) > 1 || len(r.all()) == 0:
		return nil
	}
	return r.all()[len(r.all())-1]
}

// newSaturated says whether the new ReplicaSet has been scaled to the
// Deployment's whole size and all its Pods are available.
func (r *rollout) newSaturated() bool {
	if r.newRS == nil {
		return false
	}
	desired, ok := replicasAnnotation(r.newRS, desiredReplicasAnnotation)
	return ok && desired == r.replicas() && *r.newRS.Spec.Replicas == r.replicas() &&
		r.newRS.Status.AvailableReplicas == r.replicas()
}

// scaleInProportion shares what is to be added or removed among the active
// ReplicaSets by their sizes, the largest first. Of equal ones, the newer grows
// first and the older shrinks first; the largest takes what rounding leaves.
func (r *rollout) scaleInProportion() {
	sets := activeReplicaSets(r.all())
	var allowed int32
	if r.replicas() > 0 {
		allowed = r.replicas() + maxSurge(r.d)
	}
	toAdd := allowed - sumReplicas(sets, wantedReplicas)
	slices.SortFunc(sets, func(a, b *appsv1.ReplicaSet) int {
		older := olderReplicaSet(a, b)
		if toAdd > 0 {
			older = -older
		}
		return cmp.Or(cmp.Compare(*b.Spec.Replicas, *a.Spec.Replicas), older)
	})

	sizes := make([]int32, len(sets))
	left := toAdd
	for i, rs := range sets {
		var share int32
		switch {
		case left > 0:
			share = min(r.proportion(rs), left)
		case left < 0:
			share = max(r.proportion(rs), left)
		}
		sizes[i] = *rs.Spec.Replicas + share
		left -= share
	}
	if len(sizes) > 0 {
		sizes[0] = max(0, sizes[0]+left)
	}
	for i, rs := range sets {
		scaled := r.scale(rs, sizes[i], "resized during a rollout: its share of %+d pods", toAdd)
		if !scaled && !r.sizesAnnotated(rs) {
			r.writeSize(rs, sizes[i], "note the Deployment's new size")
		}
	}
}

// proportion is what a ReplicaSet gains (or loses, negative) when the
// Deployment's limit moves from what it was at the last scaling to what it is.
func (r *rollout) proportion(rs *appsv1.ReplicaSet) int32 {
	size := *rs.Spec.Replicas
	if r.replicas() == 0 {
		return -size
	}
	before, ok := replicasAnnotation(rs, maxReplicasAnnotation)
	if !ok || before == 0 {
		// Someone has removed the annotation.
		before = r.d.Status.Replicas
	}
	if before == 0 {
		return 0
	}
	limit := r.replicas() + maxSurge(r.d)
	return int32(math.Round(float64(size)*float64(limit)/float64(before))) - size
}

// replicasAnnotation reads a number of Pods from an annotation; false if there
// is none that makes sense.
func replicasAnnotation(rs *appsv1.ReplicaSet, key string) (int32, bool) {
	n, err := strconv.ParseInt(rs.Annotations[key], 10, 32)
	return int32(n), err == nil && n >= 0
}

// annotateSizes notes the Deployment's size and limit on a ReplicaSet.
func annotateSizes(rs *appsv1.ReplicaSet, d *appsv1.Deployment) {
	if rs.Annotations == nil {
		rs.Annotations = map[string]string{}
	}
	rs.Annotations[desiredReplicasAnnotation] = strconv.Itoa(int(*d.Spec.Replicas))
	rs.Annotations[maxReplicasAnnotation] = strconv.Itoa(int(*d.Spec.Replicas + maxSurge(d)))
}

func (r *rollout) sizesAnnotated(rs *appsv1.ReplicaSet) bool {
	desired, hasDesired := replicasAnnotation(rs, desiredReplicasAnnotation)
	limit, hasLimit := replicasAnnotation(rs, maxReplicasAnnotation)
	return hasDesired && hasLimit && desired == r.replicas() && limit == r.replicas()+maxSurge(r.d)
}
