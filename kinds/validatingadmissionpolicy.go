package kinds

import (
	"context"
	"slices"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/operation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/admissionregistration"
	admissionregistrationv1conv "k8s.io/kubernetes/pkg/apis/admissionregistration/v1"
	"k8s.io/kubernetes/pkg/apis/admissionregistration/validation"
)

// A ValidatingAdmissionPolicy says in CEL what may be written. It does nothing
// before a binding uses it.
//
// Upstream: pkg/registry/admissionregistration/validatingadmissionpolicy (strategy).
func validatingAdmissionPolicy() *Kind {
	policies := versions[admissionregistrationv1.ValidatingAdmissionPolicy, admissionregistration.ValidatingAdmissionPolicy]{
		toInternal:    admissionregistrationv1conv.Convert_v1_ValidatingAdmissionPolicy_To_admissionregistration_ValidatingAdmissionPolicy,
		fromInternal:  admissionregistrationv1conv.Convert_admissionregistration_ValidatingAdmissionPolicy_To_v1_ValidatingAdmissionPolicy,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: admissionregistrationv1.SchemeGroupVersion.WithKind("ValidatingAdmissionPolicy"),
		Resource:         "validatingadmissionpolicies",
		Singular:         "validatingadmissionpolicy",
		Categories:       []string{apiExtensions},

		New:     func() Object { return &admissionregistrationv1.ValidatingAdmissionPolicy{} },
		Default: policies.defaults,

		PrepareCreate: func(obj Object) {
			obj.(*admissionregistrationv1.ValidatingAdmissionPolicy).Status = admissionregistrationv1.ValidatingAdmissionPolicyStatus{}
			obj.SetGeneration(1)
		},
		PrepareUpdate: func(obj, old Object) {
			policy, before := obj.(*admissionregistrationv1.ValidatingAdmissionPolicy), old.(*admissionregistrationv1.ValidatingAdmissionPolicy)
			policy.Status = before.Status
			if !equality.Semantic.DeepEqual(policy.Spec, before.Spec) {
				policy.Generation = before.Generation + 1
			}
		},
		Validate: policies.validate(func(p *admissionregistration.ValidatingAdmissionPolicy) field.ErrorList {
			return slices.Concat(validation.ValidateValidatingAdmissionPolicy(p), notStatic(p.Name))
		}),
		ValidateUpdate: policies.validateUpdate(validation.ValidateValidatingAdmissionPolicyUpdate),
		Warnings: policies.warnings(func(p, old *admissionregistration.ValidatingAdmissionPolicy) []string {
			return staticNameWarnings(p.Name, old == nil)
		}),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				policy, before := obj.(*admissionregistrationv1.ValidatingAdmissionPolicy), old.(*admissionregistrationv1.ValidatingAdmissionPolicy)
				policy.Spec = before.Spec
				metav1.ResetObjectMetaForStatus(policy, before)
			},
			ValidateUpdate: policies.validateStatus(validation.ValidateValidatingAdmissionPolicyStatusUpdate, declaredPolicyStatus),
			ResetFields:    []string{"spec", "metadata"},
		},
	}
}

// declaredPolicyStatus are the rules that the tags of the status declare.
func declaredPolicyStatus(ctx context.Context, op operation.Operation, path *field.Path, policy, old *admissionregistrationv1.ValidatingAdmissionPolicy) field.ErrorList {
	return admissionregistrationv1conv.Validate_ValidatingAdmissionPolicyStatus(ctx, op, path.Child("status"), &policy.Status, &old.Status)
}
