package kinds

import (
	"slices"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/admissionregistration"
	admissionregistrationv1conv "k8s.io/kubernetes/pkg/apis/admissionregistration/v1"
	"k8s.io/kubernetes/pkg/apis/admissionregistration/validation"
)

// A MutatingAdmissionPolicy says in CEL how to change what is written. It does
// nothing before a binding uses it.
//
// Upstream: pkg/registry/admissionregistration/mutatingadmissionpolicy (strategy).
func mutatingAdmissionPolicy() *Kind {
	policies := versions[admissionregistrationv1.MutatingAdmissionPolicy, admissionregistration.MutatingAdmissionPolicy]{
		toInternal:    admissionregistrationv1conv.Convert_v1_MutatingAdmissionPolicy_To_admissionregistration_MutatingAdmissionPolicy,
		fromInternal:  admissionregistrationv1conv.Convert_admissionregistration_MutatingAdmissionPolicy_To_v1_MutatingAdmissionPolicy,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: admissionregistrationv1.SchemeGroupVersion.WithKind("MutatingAdmissionPolicy"),
		Resource:         "mutatingadmissionpolicies",
		Singular:         "mutatingadmissionpolicy",
		Categories:       []string{apiExtensions},

		New:     func() Object { return &admissionregistrationv1.MutatingAdmissionPolicy{} },
		Default: policies.defaults,

		PrepareCreate: func(obj Object) { obj.SetGeneration(1) },
		PrepareUpdate: func(obj, old Object) {
			policy, before := obj.(*admissionregistrationv1.MutatingAdmissionPolicy), old.(*admissionregistrationv1.MutatingAdmissionPolicy)
			if !equality.Semantic.DeepEqual(policy.Spec, before.Spec) {
				policy.Generation = before.Generation + 1
			}
		},
		Validate: policies.validate(func(p *admissionregistration.MutatingAdmissionPolicy) field.ErrorList {
			return slices.Concat(validation.ValidateMutatingAdmissionPolicy(p), notStatic(p.Name))
		}),
		ValidateUpdate: policies.validateUpdate(validation.ValidateMutatingAdmissionPolicyUpdate),
		Warnings: policies.warnings(func(p, old *admissionregistration.MutatingAdmissionPolicy) []string {
			return staticNameWarnings(p.Name, old == nil)
		}),
	}
}
