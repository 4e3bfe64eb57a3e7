package controllers

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/reconcile"
)

// attemptToDelete decides about an object that has owner references: it stays
// as long as one owner is solid.
func (gc collector) attemptToDelete(v reconcile.View, req reconcile.Request, o reconcile.Object) (reconcile.Plan, error) {
	var plan reconcile.Plan
	refs, ok := gc.classify(v, &plan, o)
	if !ok {
		return plan, nil
	}
	gc.reportForeignOwners(v, &plan, o, refs.dangling)
	if len(refs.solid) > 0 {
		// References to waiting owners go as well: this object would keep
		// them from ever being deleted.
		err := removeOwners(&plan, req, o, ownerUIDs(append(refs.dangling, refs.waiting...)),
			"it has a solid owner; the others are gone or going")
		return plan, err
	}
	if len(refs.waiting) > 0 {
		if dependents := gc.dependents(v, o); len(dependents) > 0 {
			return plan, gc.deleteInForeground(&plan, req, o, dependents)
		}
		deleteItem(&plan, req, o, propagationOf(o), "owner %s waits for it to go", describeOwner(refs.waiting[0]))
		return plan, nil
	}
	deleteItem(&plan, req, o, propagationOf(o), "owner %s is gone", describeOwner(refs.dangling[0]))
	return plan, nil
}

// deleteInForeground deletes an object that has both an owner that waits for
// it and dependents of its own. If a dependent is itself waiting, the two may
// wait for each other, so the object stops blocking its owners first.
func (gc collector) deleteInForeground(plan *reconcile.Plan, req reconcile.Request, o reconcile.Object, dependents []dependent) error {
	waits := func(d dependent) bool { return isDeletingDependents(d) }
	if slices.ContainsFunc(dependents, waits) {
		if err := unblockOwners(plan, req, o); err != nil {
			return err
		}
	}
	foreground := metav1.DeletePropagationForeground
	plan.DeleteWith(o, metav1.DeleteOptions{PropagationPolicy: &foreground},
		"its owner waits for it, and it has dependents (%d)", len(dependents))
	return nil
}

// awaitDependents drops the "foregroundDeletion" finalizer once no dependent
// blocks the deletion of o any more. The dependents have turns of their own.
func (gc collector) awaitDependents(v reconcile.View, o reconcile.Object) (reconcile.Plan, error) {
	var plan reconcile.Plan
	blocking := 0
	for _, d := range gc.dependents(v, o) {
		if blocksDeletionOf(d, o.GetUID()) {
			blocking++
		}
	}
	plan.Observe("dependents that block its deletion: %d", blocking)
	if blocking > 0 {
		return plan, nil
	}
	err := removeFinalizer(&plan, o, metav1.FinalizerDeleteDependents, "no dependent blocks its deletion any more")
	return plan, err
}

func blocksDeletionOf(d reconcile.Object, owner types.UID) bool {
	return slices.ContainsFunc(d.GetOwnerReferences(), func(ref metav1.OwnerReference) bool {
		return ref.UID == owner && ref.BlockOwnerDeletion != nil && *ref.BlockOwnerDeletion
	})
}

// orphanDependents takes o out of its dependents' owner references, and then
// lets it go.
func (gc collector) orphanDependents(v reconcile.View, req reconcile.Request, o reconcile.Object) (reconcile.Plan, error) {
	var plan reconcile.Plan
	dependents := gc.dependents(v, o)
	plan.Observe("dependents to orphan: %d", len(dependents))
	for _, d := range dependents {
		if err := removeOwners(&plan, req, d.Object, []types.UID{o.GetUID()}, "its owner is deleted without it"); err != nil {
			return plan, err
		}
	}
	err := removeFinalizer(&plan, o, metav1.FinalizerOrphanDependents, "its dependents are orphaned")
	return plan, err
}

// propagationOf honours a finalizer that is already there.
func propagationOf(o reconcile.Object) metav1.DeletionPropagation {
	switch {
	case slices.Contains(o.GetFinalizers(), metav1.FinalizerOrphanDependents):
		return metav1.DeletePropagationOrphan
	case slices.Contains(o.GetFinalizers(), metav1.FinalizerDeleteDependents):
		return metav1.DeletePropagationForeground
	}
	return metav1.DeletePropagationBackground
}

// deleteItem deletes an object, provided that it has not changed since: it
// may just have got an owner.
//
// Upstream: pkg/controller/garbagecollector (deleteObject), which on a conflict compares the owner references with the live object's at once; here the next turn decides afresh and then deletes whatever else has changed.
func deleteItem(plan *reconcile.Plan, req reconcile.Request, o reconcile.Object, policy metav1.DeletionPropagation, why string, args ...any) {
	opts := metav1.DeleteOptions{PropagationPolicy: &policy}
	if rv := o.GetResourceVersion(); rv != "" && req.Attempt == 0 {
		opts.Preconditions = &metav1.Preconditions{ResourceVersion: &rv}
	}
	plan.DeleteWith(o, opts, why, args...)
}

func describeOwner(ref metav1.OwnerReference) string { return ref.Kind + " " + ref.Name }

func ownerUIDs(refs []metav1.OwnerReference) []types.UID {
	uids := make([]types.UID, len(refs))
	for i, ref := range refs {
		uids[i] = ref.UID
	}
	return uids
}
