package apiserver

import (
	"fmt"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/store"
)

// deleteDefinition only says that a definition is to go. The finalizer keeps
// it until its controller has deleted the objects that it defines.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition (REST.Delete), complete.
func (c *call) deleteDefinition(stored *store.Object, opts *metav1.DeleteOptions) error {
	old := stored.Value.(*apiextensionsv1.CustomResourceDefinition)
	if p := opts.Preconditions; p != nil && p.UID != nil && *p.UID != old.UID {
		return c.conflict(fmt.Errorf("precondition failed: UID in precondition: %v, UID in object meta: %v", *p.UID, old.UID))
	} else if p != nil && p.ResourceVersion != nil && *p.ResourceVersion != old.ResourceVersion {
		return c.conflict(fmt.Errorf("precondition failed: ResourceVersion in precondition: %v, ResourceVersion in object meta: %v", *p.ResourceVersion, old.ResourceVersion))
	}
	if old.DeletionTimestamp != nil {
		return c.deleteObject(stored, opts)
	}
	if err := c.admitWhole(admission.Delete, nil, old); err != nil {
		return err
	}
	crd := old.DeepCopy()
	now := seconds(c.now)
	crd.DeletionTimestamp = &now
	if !slices.Contains(crd.Finalizers, apiextensionsv1.CustomResourceCleanupFinalizer) {
		crd.Finalizers = append(crd.Finalizers, apiextensionsv1.CustomResourceCleanupFinalizer)
	}
	condition := apiextensionsv1.CustomResourceDefinitionCondition{
		Type:               apiextensionsv1.Terminating,
		Status:             apiextensionsv1.ConditionTrue,
		Reason:             "InstanceDeletionPending",
		Message:            "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
		LastTransitionTime: now,
	}
	crd.Status.Conditions = slices.DeleteFunc(crd.Status.Conditions, func(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
		return c.Type == apiextensionsv1.Terminating
	})
	crd.Status.Conditions = append(crd.Status.Conditions, condition)
	return c.put(crd, stored.ModRevision)
}
