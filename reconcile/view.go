package reconcile

import (
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// AnyResource, with a filter for an owner or a node, lists objects of every
// kind.
var AnyResource = schema.GroupResource{}

// View is what a component sees of the world: one snapshot, frozen for the
// whole turn, possibly some ticks old. What it returns must not be changed.
type View interface {
	// Get returns an object, and whether it exists in this view.
	Get(schema.GroupResource, Key) (Object, bool)
	// List returns the objects that all filters let through, in key order
	// (namespace, then name).
	List(schema.GroupResource, ...Filter) []Object
	// Now is the virtual time of the turn.
	Now() time.Time
}

// Filter narrows a List. Fields left empty do not narrow; several filters
// narrow together. Namespace, Owner and Node are answered from an index.
type Filter struct {
	Namespace string
	Owner     types.UID       // has an owner reference with this UID
	Node      string          // spec.nodeName of a Pod
	Selector  labels.Selector // matches the object's labels
}

// InNamespace keeps the objects of one namespace.
func InNamespace(ns string) Filter { return Filter{Namespace: ns} }

// OwnedBy keeps the objects with an owner reference to uid, controller or not.
func OwnedBy(uid types.UID) Filter { return Filter{Owner: uid} }

// OnNode keeps the Pods that are bound to a node.
func OnNode(name string) Filter { return Filter{Node: name} }

// Matching keeps the objects whose labels match.
func Matching(s labels.Selector) Filter { return Filter{Selector: s} }

// Resource reads one kind from a View with its Go type, so that no
// controller needs a cast: reconcile.Pods.List(v, reconcile.InNamespace(ns)).
type Resource[T Object] struct{ schema.GroupResource }

// Get returns the object with that key, and whether it exists.
func (r Resource[T]) Get(v View, k Key) (T, bool) {
	o, ok := v.Get(r.GroupResource, k)
	if !ok {
		var none T
		return none, false
	}
	return o.(T), true
}

// List returns the objects that the filters let through, in key order.
func (r Resource[T]) List(v View, filters ...Filter) []T {
	objects := v.List(r.GroupResource, filters...)
	typed := make([]T, len(objects))
	for i, o := range objects {
		typed[i] = o.(T)
	}
	return typed
}
