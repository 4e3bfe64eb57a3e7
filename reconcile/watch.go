package reconcile

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Self wakes a component for the changed object itself.
func Self(gr schema.GroupResource) Watch { return Watch{Resource: gr} }

// Owned wakes a component for the controller owner, of the given kind, of the
// changed object: a ReplicaSet for each of its Pods.
func Owned(gr schema.GroupResource, ownerKind string) Watch {
	return Watch{Resource: gr, Keys: func(_ View, o Object) []Key {
		if ref := metav1.GetControllerOfNoCopy(o); ref != nil && ref.Kind == ownerKind {
			return []Key{{Namespace: o.GetNamespace(), Name: ref.Name}}
		}
		return nil
	}}
}

// Mapped wakes a component for the keys that f finds for the changed object.
func Mapped(gr schema.GroupResource, f func(View, Object) []Key) Watch {
	return Watch{Resource: gr, Keys: f}
}

// Whole wakes a Single component.
func Whole(gr schema.GroupResource) Watch {
	return Watch{Resource: gr, Keys: func(View, Object) []Key { return []Key{Single} }}
}

// If narrows a watch to the changes for which when holds. A creation has no
// before, a deletion no after.
func (w Watch) If(when func(before, after Object) bool) Watch {
	w.When = when
	return w
}

// On sends a PerNode component's change to the machine that node names.
func (w Watch) On(node func(Object) string) Watch {
	w.Node = node
	return w
}
