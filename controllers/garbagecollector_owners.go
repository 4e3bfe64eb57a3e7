package controllers

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/reconcile"
)

// unknownKindRetry is how often an owner reference of a kind that the API does
// not serve is looked at again: upstream's interval of discovery.
const unknownKindRetry = 30 * time.Second

type ownerState int

const (
	ownerSolid       ownerState = iota // exists, and does not wait for its dependents
	ownerDangling                      // does not exist, or under another UID
	ownerWaiting                       // is being deleted once its dependents are gone
	ownerUnknownKind                   // of a kind that the API does not serve
	ownerOutOfScope                    // namespaced, for a dependent that is not
)

// foundOwner is what an owner reference leads to.
type foundOwner struct {
	state    ownerState
	resource schema.GroupResource
	object   reconcile.Object // set if the state is ownerSolid or ownerWaiting
}

// findOwner looks for the owner in the dependent's own namespace, or among the
// cluster-scoped objects: an owner in another namespace does not count.
func (gc collector) findOwner(v reconcile.View, o reconcile.Object, ref metav1.OwnerReference) foundOwner {
	gr, namespaced, ok := gc.mapping(v, schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind))
	if !ok {
		return foundOwner{state: ownerUnknownKind}
	}
	found := foundOwner{state: ownerDangling, resource: gr}
	key := reconcile.Key{Name: ref.Name}
	if namespaced {
		if o.GetNamespace() == "" {
			found.state = ownerOutOfScope
			return found
		}
		key.Namespace = o.GetNamespace()
	}
	owner, ok := v.Get(gr, key)
	if !ok || owner.GetUID() != ref.UID {
		return found
	}
	found.object, found.state = owner, ownerSolid
	if isDeletingDependents(owner) {
		found.state = ownerWaiting
	}
	return found
}

// classified are the owner references of an object by what they lead to.
type classified struct {
	solid, dangling, waiting []metav1.OwnerReference
}

// classify sorts the owner references of o. If one of them cannot be judged,
// ok is false, and nothing is done about the object.
//
// Upstream: pkg/controller/garbagecollector (classifyReferences), which retries a kind that it cannot map with back-off; here it is looked at again every 30s.
func (gc collector) classify(v reconcile.View, plan *reconcile.Plan, o reconcile.Object) (refs classified, ok bool) {
	for _, ref := range o.GetOwnerReferences() {
		switch gc.findOwner(v, o, ref).state {
		case ownerSolid:
			refs.solid = append(refs.solid, ref)
		case ownerDangling:
			refs.dangling = append(refs.dangling, ref)
		case ownerWaiting:
			refs.waiting = append(refs.waiting, ref)
		case ownerUnknownKind:
			plan.Observe("unable to get REST mapping for %s/%s.", ref.APIVersion, ref.Kind)
			plan.Heartbeat(unknownKindRetry, "the API may come to serve %s", ref.Kind)
			return classified{}, false
		case ownerOutOfScope:
			plan.Observe("cluster-scoped objects cannot refer to namespaced owners")
			return classified{}, false
		}
	}
	plan.Observe("owners: %d solid, %d dangling, %d waiting for their dependents to go",
		len(refs.solid), len(refs.dangling), len(refs.waiting))
	return refs, true
}

// reportForeignOwners records an event for each dangling reference whose owner
// does exist, but in another namespace.
//
// Upstream: pkg/controller/garbagecollector (GraphBuilder.reportInvalidNamespaceOwnerRef), which finds the owner by its UID alone; here its name has to be right too.
func (gc collector) reportForeignOwners(v reconcile.View, plan *reconcile.Plan, o reconcile.Object, dangling []metav1.OwnerReference) {
	for _, ref := range dangling {
		gr, namespaced, _ := gc.mapping(v, schema.FromAPIVersionAndKind(ref.APIVersion, ref.Kind))
		if !namespaced {
			continue
		}
		for _, ns := range reconcile.Namespaces.List(v) {
			owner, ok := v.Get(gr, reconcile.Key{Namespace: ns.Name, Name: ref.Name})
			if ok && owner.GetUID() == ref.UID {
				plan.Event(o, corev1.EventTypeWarning, "OwnerRefInvalidNamespace", "ownerRef %s does not exist in namespace %q",
					fmt.Sprintf("[%s/%s, namespace: %s, name: %s, uid: %s]", ref.APIVersion, ref.Kind, o.GetNamespace(), ref.Name, ref.UID), o.GetNamespace())
			}
		}
	}
}
