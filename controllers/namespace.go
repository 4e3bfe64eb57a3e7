package controllers

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/reconcile"
)

// How long to wait before a stuck namespace is looked at again. These are
// heartbeats, since whatever leaves the namespace wakes the controller anyway.
const (
	// finalizerEstimate is upstream's guess at how long finalizers take.
	finalizerEstimate = 15 * time.Second
	// namespaceRetry is the longest back-off of upstream's namespace queue.
	namespaceRetry = 60 * time.Second
)

// Namespace is the namespace controller. It empties a namespace that is being
// deleted, Pods first, and then drops the "kubernetes" finalizer that keeps
// the Namespace object alive. resources are the namespaced resources that can
// be deleted, but for custom ones; their versions only appear in messages.
//
// Upstream: pkg/controller/namespace, without the wait of 5s before the first turn, which is there for several API servers that must all have seen the deletion.
// Upstream: pkg/controller/namespace, which looks again after half the estimated time; here whatever leaves the namespace wakes the controller at once as well.
func Namespace(resources []schema.GroupVersionResource, custom CustomResources) reconcile.Component {
	watches := []reconcile.Watch{
		reconcile.Self(reconcile.Namespaces.GroupResource).If(func(_, after reconcile.Object) bool {
			return after != nil && after.GetDeletionTimestamp() != nil
		}),
	}
	for _, gvr := range resources {
		watches = append(watches, reconcile.Mapped(gvr.GroupResource(), terminatingNamespace).If(isDeletion))
	}
	watches = append(watches, reconcile.Mapped(reconcile.CustomResources, terminatingNamespace).If(isDeletion))
	return reconcile.Component{
		Name:    "namespace-controller",
		User:    "system:serviceaccount:kube-system:namespace-controller",
		For:     reconcile.Namespaces.GroupResource,
		Watches: watches,
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return emptyNamespace(v, req, slices.Concat(resources, custom(v))), nil
		},
	}
}

func isDeletion(_, after reconcile.Object) bool { return after == nil }

// terminatingNamespace is the key of the object's namespace, if that is being deleted.
func terminatingNamespace(v reconcile.View, o reconcile.Object) []reconcile.Key {
	key := reconcile.Key{Name: o.GetNamespace()}
	if ns, ok := reconcile.Namespaces.Get(v, key); ok && ns.DeletionTimestamp != nil {
		return []reconcile.Key{key}
	}
	return nil
}

// refusesNewObjects says whether nothing can be created in the namespace any
// more, because it is being deleted.
func refusesNewObjects(v reconcile.View, name string) bool {
	ns, ok := reconcile.Namespaces.Get(v, reconcile.Key{Name: name})
	return ok && ns.DeletionTimestamp != nil
}

// emptyNamespace is one turn for one namespace.
//
// Upstream: pkg/controller/namespace/deletion (Delete), which finalizes in the same pass; here the namespace is first seen empty, which takes one more turn and cannot be wrong about what a delete left behind.
func emptyNamespace(v reconcile.View, req reconcile.Request, resources []schema.GroupVersionResource) reconcile.Plan {
	var plan reconcile.Plan
	ns, ok := reconcile.Namespaces.Get(v, req.Key)
	if !ok || ns.DeletionTimestamp == nil || !slices.Contains(ns.Spec.Finalizers, corev1.FinalizerKubernetes) {
		return plan
	}
	found, count := listContent(v, ns.Name, resources)
	plan.Observe("objects left in the namespace: %d", count)
	batch, othersWait := podsFirst(found)
	if othersWait {
		plan.Observe("the other resources wait until the pods are gone")
	}
	deleteContent(&plan, batch)

	left := takeStock(batch)
	grace := left.grace(v.Now().Sub(ns.DeletionTimestamp.Time))
	changed := updateNamespaceConditions(&plan, ns, left.conditions(ns.Name, grace), metav1.NewTime(v.Now()))
	switch {
	case count == 0 && !changed: // otherwise the status write wakes this controller again
		finalizeNamespace(&plan, ns)
	case grace > 0:
		plan.Heartbeat(halfOf(grace), "pods have up to %s to end", grace)
	case len(left.finalizers) > 0:
		plan.Heartbeat(halfOf(finalizerEstimate), "finalizers keep objects in the namespace")
	case len(left.counts) > 0:
		plan.Heartbeat(namespaceRetry, "objects stay that should have gone")
	}
	return plan
}

// halfOf is upstream's wait for an estimate, in whole seconds.
func halfOf(estimate time.Duration) time.Duration {
	return time.Duration(int64(estimate/time.Second)/2+1) * time.Second
}

// updateNamespaceConditions plans a status write if the conditions have changed.
func updateNamespaceConditions(plan *reconcile.Plan, ns *corev1.Namespace, want []corev1.NamespaceCondition, now metav1.Time) (changed bool) {
	conditions := mergeNamespaceConditions(ns.Status.Conditions, want, now)
	if equality.Semantic.DeepEqual(ns.Status.Conditions, conditions) {
		return false
	}
	updated := ns.DeepCopy()
	updated.Status.Conditions = conditions
	plan.UpdateStatus(updated, "say what the deletion waits for")
	return true
}

func finalizeNamespace(plan *reconcile.Plan, ns *corev1.Namespace) {
	finalized := ns.DeepCopy()
	finalized.Spec.Finalizers = slices.DeleteFunc(finalized.Spec.Finalizers, func(f corev1.FinalizerName) bool {
		return f == corev1.FinalizerKubernetes
	})
	plan.Finalize(finalized, "nothing is left in the namespace")
}
