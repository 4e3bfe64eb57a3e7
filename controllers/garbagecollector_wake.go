package controllers

import (
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
)

// watch wakes the collector for what a change of one resource may concern. It
// takes the place of upstream's GraphBuilder: most objects never get a turn,
// because their owners exist and nothing waits for them.
func (gc collector) watch(gr schema.GroupResource) reconcile.Watch {
	return reconcile.Mapped(gr, func(v reconcile.View, o reconcile.Object) []reconcile.Key {
		return gc.concerned(v, gr, o)
	}).If(changesOwnership)
}

// watchCustom is watch for all custom resources.
func (gc collector) watchCustom() reconcile.Watch {
	return reconcile.Mapped(reconcile.CustomResources, func(v reconcile.View, o reconcile.Object) []reconcile.Key {
		gr, _, ok := gc.mapping(v, o.GetObjectKind().GroupVersionKind())
		if !ok {
			return nil // the definition is gone, and everything of it
		}
		return gc.concerned(v, gr, o)
	}).If(changesOwnership)
}

// changesOwnership drops the changes that leave both the owner references and
// the progress of a deletion as they were.
func changesOwnership(before, after reconcile.Object) bool {
	switch {
	case after == nil:
		return true
	case before == nil:
		return len(after.GetOwnerReferences()) > 0 || isOrphaning(after) || isDeletingDependents(after)
	case isOrphaning(before) != isOrphaning(after), isDeletingDependents(before) != isDeletingDependents(after):
		return true
	}
	return !slices.EqualFunc(before.GetOwnerReferences(), after.GetOwnerReferences(), sameOwner)
}

func sameOwner(a, b metav1.OwnerReference) bool {
	return a.UID == b.UID && a.Name == b.Name && a.Kind == b.Kind && a.APIVersion == b.APIVersion &&
		ptr.Equal(a.BlockOwnerDeletion, b.BlockOwnerDeletion)
}

// concerned says who needs a turn now that o has changed: o itself, its
// dependents, or the owners that wait for it to go.
func (gc collector) concerned(v reconcile.View, gr schema.GroupResource, o reconcile.Object) []reconcile.Key {
	keys := gc.waitingOwners(v, o)
	now, ok := v.Get(gr, reconcile.KeyOf(o))
	switch {
	case !ok || now.GetUID() != o.GetUID():
		return append(keys, gc.dependentKeys(v, o)...)
	case isOrphaning(now):
		return append(keys, itemKey(gr, now))
	case isDeletingDependents(now):
		return append(append(keys, itemKey(gr, now)), gc.dependentKeys(v, now)...)
	case now.GetDeletionTimestamp() == nil && !gc.allSolid(v, now):
		return append(keys, itemKey(gr, now))
	}
	return keys
}

// waitingOwners are the owners of o that wait for their dependents to go.
func (gc collector) waitingOwners(v reconcile.View, o reconcile.Object) []reconcile.Key {
	var keys []reconcile.Key
	for _, ref := range o.GetOwnerReferences() {
		if found := gc.findOwner(v, o, ref); found.state == ownerWaiting {
			keys = append(keys, itemKey(found.resource, found.object))
		}
	}
	return keys
}

func (gc collector) dependentKeys(v reconcile.View, o reconcile.Object) []reconcile.Key {
	var keys []reconcile.Key
	for _, d := range gc.dependents(v, o) {
		keys = append(keys, itemKey(d.resource, d))
	}
	return keys
}

func (gc collector) allSolid(v reconcile.View, o reconcile.Object) bool {
	for _, ref := range o.GetOwnerReferences() {
		if gc.findOwner(v, o, ref).state != ownerSolid {
			return false
		}
	}
	return true
}
