package apiserver

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/store"
)

// deleteNamespace only says that a namespace is to go. The namespace
// controller empties it and then drops spec.finalizers through the finalize
// subresource, which removes it.
func (c *call) deleteNamespace(stored *store.Object, opts *metav1.DeleteOptions) error {
	old := stored.Value.(*corev1.Namespace)
	if err := c.checkNamespacePreconditions(old, opts.Preconditions); err != nil {
		return err
	}
	if old.DeletionTimestamp != nil {
		if len(old.Spec.Finalizers) == 0 {
			return c.deleteObject(stored, opts)
		}
		c.response.Object = old
		return errNothingToCommit
	}
	if err := c.admitWhole(admission.Delete, nil, old); err != nil {
		return err
	}
	ns := *old
	now := seconds(c.now)
	ns.DeletionTimestamp = &now
	ns.Status.Phase = corev1.NamespaceTerminating
	ns.Finalizers = namespaceDeletionFinalizers(ns.Finalizers, opts)
	return c.put(&ns, stored.ModRevision)
}

func (c *call) checkNamespacePreconditions(ns *corev1.Namespace, p *metav1.Preconditions) error {
	if p == nil {
		return nil
	}
	if p.UID != nil && *p.UID != ns.UID {
		//lint:ignore ST1005 upstream's text
		return c.conflict(fmt.Errorf("Precondition failed: UID in precondition: %v, UID in object meta: %v", *p.UID, ns.UID))
	}
	if p.ResourceVersion != nil && *p.ResourceVersion != ns.ResourceVersion {
		//lint:ignore ST1005 upstream's text
		return c.conflict(fmt.Errorf("Precondition failed: ResourceVersion in precondition: %v, ResourceVersion in object meta: %v", *p.ResourceVersion, ns.ResourceVersion))
	}
	return nil
}

// namespaceDeletionFinalizers differs from call.setDeletionFinalizers in one case:
// orphanDependents=false means foreground here.
func namespaceDeletionFinalizers(current []string, opts *metav1.DeleteOptions) []string {
	var orphan, foreground bool
	// OrphanDependents is old, but still heard
	if o := opts.OrphanDependents; o != nil {
		orphan, foreground = *o, !*o
	} else if p := opts.PropagationPolicy; p != nil {
		orphan, foreground = *p == metav1.DeletePropagationOrphan, *p == metav1.DeletePropagationForeground
	} else {
		return current
	}
	wanted := slices.DeleteFunc(slices.Clone(current), func(f string) bool {
		return f == metav1.FinalizerOrphanDependents || f == metav1.FinalizerDeleteDependents
	})
	if orphan {
		wanted = append(wanted, metav1.FinalizerOrphanDependents)
	}
	if foreground {
		wanted = append(wanted, metav1.FinalizerDeleteDependents)
	}
	return wanted
}
