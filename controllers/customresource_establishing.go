package controllers

import (
	"crypto/x509"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// CustomResourceEstablishing tells the world that a CustomResourceDefinition
// is served, when its names have been accepted. Discovery shows it from then
// on. One whose conversion webhook could never be trusted is not served.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/controller/establish (EstablishingController).
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
	if !trustsAnyone(crd.Spec.Conversion) {
		setDefinitionCondition(updated, definitionCondition{
			Type: apiextensionsv1.Established, Status: apiextensionsv1.ConditionFalse,
			Reason: "InvalidCABundle", Message: "The conversion webhook CABundle is invalid",
		}, v.Now())
		plan.UpdateStatus(updated, "its conversion webhook's CA bundle has no certificate")
		return plan
	}
	setDefinitionCondition(updated, definitionCondition{
		Type: apiextensionsv1.Established, Status: apiextensionsv1.ConditionTrue,
		Reason: "InitialNamesAccepted", Message: "the initial names have been accepted",
	}, v.Now())
	plan.UpdateStatus(updated, "its names are accepted")
	return plan
}

// trustsAnyone is false if a CA bundle is given in which there is no
// certificate.
//
// Upstream: k8s.io/apiserver/pkg/util/webhook (ValidateCABundle).
func trustsAnyone(c *apiextensionsv1.CustomResourceConversion) bool {
	if c == nil || c.Webhook == nil || c.Webhook.ClientConfig == nil || len(c.Webhook.ClientConfig.CABundle) == 0 {
		return true
	}
	return x509.NewCertPool().AppendCertsFromPEM(c.Webhook.ClientConfig.CABundle)
}
