package controllers

import (
	"slices"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/reconcile"
)

// instanceDeletionPatience is how long the objects of a definition may take to
// go before the definition says that they do not.
const instanceDeletionPatience = time.Minute

// CustomResourceFinalizer deletes the objects of a CustomResourceDefinition
// that is being deleted, and then lets the definition go.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/controller/finalizer (CRDFinalizer), which asks every five seconds whether the objects are gone; here their going wakes the controller.
func CustomResourceFinalizer() reconcile.Component {
	return reconcile.Component{
		Name: "crd-finalizer",
		User: apiserverUser,
		For:  reconcile.CustomResourceDefinitions.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.CustomResourceDefinitions.GroupResource).If(func(_, after reconcile.Object) bool {
				return after != nil && isBeingCleanedUp(after)
			}),
			reconcile.Mapped(reconcile.CustomResources, definitionOf).If(isDeletion),
		},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return cleanUp(v, req.Key), nil
		},
	}
}

func isBeingCleanedUp(o reconcile.Object) bool {
	return o.GetDeletionTimestamp() != nil && slices.Contains(o.GetFinalizers(), apiextensionsv1.CustomResourceCleanupFinalizer)
}

// definitionOf is the key of the definition of a custom resource, if that is
// being deleted.
func definitionOf(v reconcile.View, o reconcile.Object) []reconcile.Key {
	gk := o.GetObjectKind().GroupVersionKind().GroupKind()
	for _, crd := range reconcile.CustomResourceDefinitions.List(v) {
		if crd.Spec.Group == gk.Group && crd.Status.AcceptedNames.Kind == gk.Kind && isBeingCleanedUp(crd) {
			return []reconcile.Key{reconcile.KeyOf(crd)}
		}
	}
	return nil
}

// cleanUp is one turn for one definition.
func cleanUp(v reconcile.View, key reconcile.Key) reconcile.Plan {
	var plan reconcile.Plan
	crd, ok := reconcile.CustomResourceDefinitions.Get(v, key)
	if !ok || !isBeingCleanedUp(crd) {
		return plan
	}
	resource := schema.GroupResource{Group: crd.Spec.Group, Resource: crd.Spec.Names.Plural}
	switch {
	case sharesStorage(resource):
		letDefinitionGo(v, &plan, crd, "OverlappingBuiltInResource", "instances overlap with built-in resources in storage")
		return plan
	case !definitionIs(crd, apiextensionsv1.Established):
		letDefinitionGo(v, &plan, crd, "NeverEstablished", "resource was never established")
		return plan
	}
	left := instances(v, resource)
	plan.Observe("objects left: %d", len(left))
	if len(left) == 0 {
		letDefinitionGo(v, &plan, crd, "InstanceDeletionCompleted", "removed all instances")
		return plan
	}
	deleteInstances(v, &plan, crd, left)
	return plan
}

// sharesStorage names the built-in resources that upstream stores where it
// would store custom resources of that name.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/controller/finalizer (OverlappingBuiltInResources), complete.
func sharesStorage(resource schema.GroupResource) bool {
	return resource == reconcile.CustomResourceDefinitions.GroupResource ||
		resource == schema.GroupResource{Group: "apiregistration.k8s.io", Resource: "apiservices"}
}

// instances are the objects that the definition of a resource defines. If the
// resource is built in too, its other objects are none of the definition's.
func instances(v reconcile.View, resource schema.GroupResource) []reconcile.Object {
	var own []reconcile.Object
	for _, o := range v.List(resource) {
		if _, ok := o.(*unstructured.Unstructured); ok {
			own = append(own, o)
		}
	}
	return own
}

// deleteInstances deletes what is not on its way out yet, and says in the
// condition how it goes.
func deleteInstances(v reconcile.View, plan *reconcile.Plan, crd *definition, left []reconcile.Object) {
	condition := definitionCondition{
		Type: apiextensionsv1.Terminating, Status: apiextensionsv1.ConditionTrue,
		Reason: "InstanceDeletionInProgress", Message: "CustomResource deletion is in progress",
	}
	if end := crd.DeletionTimestamp.Add(instanceDeletionPatience); v.Now().Before(end) {
		plan.Heartbeat(end.Sub(v.Now()), "objects may have finalizers")
	} else {
		condition.Reason = "InstanceDeletionCheck"
		condition.Message = "could not confirm zero CustomResources remaining: context deadline exceeded"
	}
	if !sameDefinitionCondition(&condition, findDefinitionCondition(crd, condition.Type)) {
		updated := crd.DeepCopy()
		setDefinitionCondition(updated, condition, v.Now())
		plan.UpdateStatus(updated, "say how the deletion goes")
	}
	for _, o := range left {
		if o.GetDeletionTimestamp() == nil {
			plan.Delete(o, "its definition is being deleted")
		}
	}
}

// letDefinitionGo takes off the finalizer, through the status as upstream does.
func letDefinitionGo(v reconcile.View, plan *reconcile.Plan, crd *definition, reason, message string) {
	updated := crd.DeepCopy()
	setDefinitionCondition(updated, definitionCondition{
		Type: apiextensionsv1.Terminating, Status: apiextensionsv1.ConditionFalse, Reason: reason, Message: message,
	}, v.Now())
	updated.Finalizers = removeString(updated.Finalizers, apiextensionsv1.CustomResourceCleanupFinalizer)
	plan.UpdateStatus(updated, "%s", message)
}
