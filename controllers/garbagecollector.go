package controllers

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/reconcile"
)

// RESTMapping says which resource of the viewed world serves the kind of an
// owner reference, and whether that resource is namespaced. ok is false if the
// API serves no such kind.
type RESTMapping func(reconcile.View, schema.GroupVersionKind) (resource schema.GroupResource, namespaced, ok bool)

// CustomResources lists the resources that the CustomResourceDefinitions of
// the viewed world define, in the version that their objects are stored in.
type CustomResources func(reconcile.View) []schema.GroupVersionResource

// GarbageCollector deletes objects whose owners are all gone, and carries out
// the two finalizers that the API sets for `kubectl delete --cascade`:
// "foregroundDeletion" (dependents go first) and "orphan" (dependents stay).
//
// It works on every resource that is given, and on custom ones, so its keys
// carry the resource:
// "default/replicasets.apps:web-5d9c".
//
// Upstream: pkg/controller/garbagecollector, without the graph of all objects in memory: the owner index of the store answers what depends on an object, and an owner is looked up when it is needed.
func GarbageCollector(resources []schema.GroupResource, custom CustomResources, mapping RESTMapping) reconcile.Component {
	gc := collector{custom: custom, mapping: mapping}
	for _, gr := range resources {
		if !ignoredByCollector(gr) {
			gc.resources = append(gc.resources, gr)
		}
	}
	c := reconcile.Component{
		Name:      "generic-garbage-collector",
		User:      "system:serviceaccount:kube-system:generic-garbage-collector",
		Reconcile: gc.reconcile,
	}
	for _, gr := range gc.resources {
		c.Watches = append(c.Watches, gc.watch(gr))
	}
	c.Watches = append(c.Watches, gc.watchCustom())
	return c
}

// ignoredByCollector is upstream's list of what is never collected.
func ignoredByCollector(gr schema.GroupResource) bool {
	return gr.Resource == "events" && (gr.Group == "" || gr.Group == "events.k8s.io")
}

type collector struct {
	resources []schema.GroupResource // but for custom ones
	custom    CustomResources
	mapping   RESTMapping
}

// reconcile is one turn for one object, of whatever resource.
func (gc collector) reconcile(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	gr, key, err := parseItemKey(req.Key)
	if err != nil {
		return reconcile.Plan{}, err
	}
	o, ok := v.Get(gr, key)
	switch {
	case !ok:
		return reconcile.Plan{}, nil
	case isOrphaning(o):
		return gc.orphanDependents(v, req, o)
	case isDeletingDependents(o):
		return gc.awaitDependents(v, o)
	case o.GetDeletionTimestamp() != nil || len(o.GetOwnerReferences()) == 0:
		return reconcile.Plan{}, nil
	}
	return gc.attemptToDelete(v, req, o)
}

// isOrphaning says whether the object is being deleted and its dependents are
// to be kept.
func isOrphaning(o reconcile.Object) bool {
	return o.GetDeletionTimestamp() != nil && slices.Contains(o.GetFinalizers(), metav1.FinalizerOrphanDependents)
}

// isDeletingDependents says whether the object is being deleted and waits for
// its dependents to go first.
func isDeletingDependents(o reconcile.Object) bool {
	return o.GetDeletionTimestamp() != nil && slices.Contains(o.GetFinalizers(), metav1.FinalizerDeleteDependents)
}

// itemKey is the key of an object of any resource.
func itemKey(gr schema.GroupResource, o reconcile.Object) reconcile.Key {
	return reconcile.Key{Namespace: o.GetNamespace(), Name: gr.String() + ":" + o.GetName()}
}

func parseItemKey(k reconcile.Key) (schema.GroupResource, reconcile.Key, error) {
	resource, name, ok := strings.Cut(k.Name, ":")
	if !ok || resource == "" || name == "" {
		return schema.GroupResource{}, reconcile.Key{}, fmt.Errorf("key %q: want [namespace/]resource[.group]:name", k)
	}
	return schema.ParseGroupResource(resource), reconcile.Key{Namespace: k.Namespace, Name: name}, nil
}

// dependent is an object that names another one as its owner.
type dependent struct {
	resource schema.GroupResource
	reconcile.Object
}

// dependents are all objects with an owner reference to o, in the order of
// the resources.
func (gc collector) dependents(v reconcile.View, o reconcile.Object) []dependent {
	if len(v.List(reconcile.AnyResource, reconcile.OwnedBy(o.GetUID()))) == 0 {
		return nil
	}
	var found []dependent
	for _, gr := range gc.resources {
		for _, d := range v.List(gr, reconcile.OwnedBy(o.GetUID())) {
			found = append(found, dependent{gr, d})
		}
	}
	for _, gvr := range gc.custom(v) {
		for _, d := range v.List(gvr.GroupResource(), reconcile.OwnedBy(o.GetUID())) {
			found = append(found, dependent{gvr.GroupResource(), d})
		}
	}
	return found
}
