package controllers

import (
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// CheckPolicyTypes says what in the expressions of a policy does not go with
// the types that the policy is about, as they are in a view.
type CheckPolicyTypes func(reconcile.View, *admissionregistrationv1.ValidatingAdmissionPolicy) []admissionregistrationv1.ExpressionWarning

// ValidatingAdmissionPolicyStatus tells authors of policies of fields that do
// not exist, and of values that cannot be compared. The policy applies all the
// same.
//
// Upstream: pkg/controller/validatingadmissionpolicystatus, which applies the status where this updates it; as there, a policy is checked once for each change of its spec, not when a CustomResourceDefinition brings the type that it is about.
func ValidatingAdmissionPolicyStatus(check CheckPolicyTypes) reconcile.Component {
	return reconcile.Component{
		Name:    "validatingadmissionpolicy-status-controller",
		User:    "system:serviceaccount:kube-system:validatingadmissionpolicy-status-controller",
		For:     reconcile.ValidatingAdmissionPolicies.GroupResource,
		Watches: []reconcile.Watch{reconcile.Self(reconcile.ValidatingAdmissionPolicies.GroupResource)},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			var plan reconcile.Plan
			policy, ok := reconcile.ValidatingAdmissionPolicies.Get(v, req.Key)
			if !ok || policy.Generation <= policy.Status.ObservedGeneration {
				return plan, nil
			}
			warnings := check(v, policy)
			checked := policy.DeepCopy()
			checked.Status.ObservedGeneration = policy.Generation
			checked.Status.TypeChecking = &admissionregistrationv1.TypeChecking{ExpressionWarnings: warnings}
			plan.UpdateStatus(checked, "generation %d: %s", policy.Generation, toldOf(warnings))
			return plan, nil
		},
	}
}

func toldOf(warnings []admissionregistrationv1.ExpressionWarning) string {
	if len(warnings) == 0 {
		return "its expressions go with the types that it is about"
	}
	var places []string
	for _, w := range warnings {
		places = append(places, w.FieldRef)
	}
	return "type warnings about " + strings.Join(places, ", ")
}
