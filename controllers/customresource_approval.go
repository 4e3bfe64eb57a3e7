package controllers

import (
	"k8s.io/apiextensions-apiserver/pkg/apihelpers"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// CustomResourceApproval says of CustomResourceDefinitions in the groups of
// the Kubernetes project (*.k8s.io, *.kubernetes.io) whether somebody has
// approved them. Nothing depends on it.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/controller/apiapproval, complete.
func CustomResourceApproval() reconcile.Component {
	return reconcile.Component{
		Name:    "crd-api-approval-controller",
		User:    apiserverUser,
		For:     reconcile.CustomResourceDefinitions.GroupResource,
		Watches: []reconcile.Watch{watchDefinitions()},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return noteApproval(v, req.Key), nil
		},
	}
}

func noteApproval(v reconcile.View, key reconcile.Key) reconcile.Plan {
	var plan reconcile.Plan
	crd, ok := reconcile.CustomResourceDefinitions.Get(v, key)
	if !ok || !apihelpers.IsProtectedCommunityGroup(crd.Spec.Group) {
		return plan
	}
	condition := approval(crd)
	if sameDefinitionCondition(&condition, findDefinitionCondition(crd, condition.Type)) {
		return plan
	}
	updated := crd.DeepCopy()
	setDefinitionCondition(updated, condition, v.Now())
	plan.UpdateStatus(updated, "API approval: %s", condition.Reason)
	return plan
}

func approval(crd *definition) definitionCondition {
	state, message := apihelpers.GetAPIApprovalState(crd.Annotations)
	c := definitionCondition{
		Type:   apiextensionsv1.KubernetesAPIApprovalPolicyConformant,
		Status: apiextensionsv1.ConditionFalse, Message: message,
	}
	switch state {
	case apihelpers.APIApprovalInvalid:
		c.Reason = "InvalidAnnotation"
	case apihelpers.APIApprovalMissing:
		c.Reason = "MissingAnnotation"
	case apihelpers.APIApprovalBypassed:
		c.Reason = "UnapprovedAnnotation"
	case apihelpers.APIApproved:
		c.Status, c.Reason = apiextensionsv1.ConditionTrue, "ApprovedAnnotation"
	}
	return c
}
