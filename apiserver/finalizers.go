package apiserver

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/kinds"
)

// isFinalized says that an update of old to obj ends a deletion: the last
// finalizer is gone and nobody has time left.
func isFinalized(obj, old kinds.Object) bool {
	if len(obj.GetFinalizers()) > 0 || old.GetDeletionTimestamp() == nil {
		return false
	}
	if ns, ok := obj.(*corev1.Namespace); ok && len(ns.Spec.Finalizers) > 0 {
		return false
	}
	grace := old.GetDeletionGracePeriodSeconds()
	return grace == nil || *grace == 0
}

// setDeletionFinalizers holds an object back until the garbage collector has
// dealt with its dependents, if that is wanted.
func (c *call) setDeletionFinalizers(obj kinds.Object, opts *metav1.DeleteOptions) {
	current := obj.GetFinalizers()
	wanted := make([]string, 0, len(current)+1)
	for _, f := range current {
		if f != metav1.FinalizerOrphanDependents && f != metav1.FinalizerDeleteDependents {
			wanted = append(wanted, f)
		}
	}
	switch c.propagation(obj, opts) {
	case metav1.DeletePropagationOrphan:
		wanted = append(wanted, metav1.FinalizerOrphanDependents)
	case metav1.DeletePropagationForeground:
		wanted = append(wanted, metav1.FinalizerDeleteDependents)
	}
	if sameSet(current, wanted) {
		return
	}
	obj.SetFinalizers(wanted)
}

// propagation is what is to become of an object's dependents: what the client
// asks for, or what the object's finalizers say already, or what is done with
// objects of the kind.
func (c *call) propagation(obj kinds.Object, opts *metav1.DeleteOptions) metav1.DeletionPropagation {
	if c.Uncollected {
		return metav1.DeletePropagationBackground
	}
	// OrphanDependents is old, but still heard
	if orphan := opts.OrphanDependents; orphan != nil {
		if *orphan {
			return metav1.DeletePropagationOrphan
		}
		return metav1.DeletePropagationBackground
	}
	if opts.PropagationPolicy != nil {
		return *opts.PropagationPolicy
	}
	for _, f := range obj.GetFinalizers() {
		switch f {
		case metav1.FinalizerOrphanDependents:
			return metav1.DeletePropagationOrphan
		case metav1.FinalizerDeleteDependents:
			return metav1.DeletePropagationForeground
		}
	}
	if c.OrphansDependents {
		return metav1.DeletePropagationOrphan
	}
	return metav1.DeletePropagationBackground
}

// warnOfOrphans tells a client who may not know that dependents will stay.
func (c *call) warnOfOrphans(opts *metav1.DeleteOptions) {
	// OrphanDependents is old, but still heard
	if c.OrphansWarning != "" && opts.PropagationPolicy == nil && opts.OrphanDependents == nil {
		c.response.Warnings = append(c.response.Warnings, c.OrphansWarning)
	}
}

func sameSet(a, b []string) bool {
	has := func(set []string) func(string) bool {
		return func(s string) bool { return !slices.Contains(set, s) }
	}
	return !slices.ContainsFunc(a, has(b)) && !slices.ContainsFunc(b, has(a))
}
