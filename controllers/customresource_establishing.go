package controllers

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// CustomResourceEstablishing tells the world that a CustomResourceDefinition
// is served, when its names have been accepted. Discovery shows it from then
// on.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/controller/establish (EstablishingController), which does not establish one whose conversion webhook has a CA bundle that is no PEM; validation refuses those here as there.
func CustomResourceEstablishing() reconcile.Component {
	return reconcile.Component{
		Name:    "crd-establishing-controller",
		User:    apiserverUser,
		For:     reconcile.CustomResourceDefinitions.GroupResource,
		Watches: []reconcile.Watch{watchDefinitions()},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return establish(v, req.Key), nil
		},
	}
}

func establish(v reconcile.View, key reconcile.Key) reconcile.Plan {
	var plan reconcile.Plan
	crd, ok := reconcile.CustomResourceDefinitions.Get(v, key)
	if !ok || !definitionIs(crd, apiextensionsv1.NamesAccepted) || definitionIs(crd, apiextensionsv1.Established) {
		return plan
	}
	updated := crd.DeepCopy()
	setDefinitionCondition(updated, definitionCondition{
		Type: apiextensionsv1.Established, Status: apiextensionsv1.ConditionTrue,
		Reason: "InitialNamesAccepted", Message: "the initial names have been accepted",
	}, v.Now())
	plan.UpdateStatus(updated, "its names are accepted")
	return plan
}
