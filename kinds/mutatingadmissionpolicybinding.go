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

// A MutatingAdmissionPolicyBinding puts a policy to use: for what, and with
// which parameters.
//
// Upstream: pkg/registry/admissionregistration/mutatingadmissionpolicybinding (strategy).
func mutatingAdmissionPolicyBinding() *Kind {
	bindings := versions[admissionregistrationv1.MutatingAdmissionPolicyBinding, admissionregistration.MutatingAdmissionPolicyBinding]{
		toInternal:    admissionregistrationv1conv.Convert_v1_MutatingAdmissionPolicyBinding_To_admissionregistration_MutatingAdmissionPolicyBinding,
		fromInternal:  admissionregistrationv1conv.Convert_admissionregistration_MutatingAdmissionPolicyBinding_To_v1_MutatingAdmissionPolicyBinding,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: admissionregistrationv1.SchemeGroupVersion.WithKind("MutatingAdmissionPolicyBinding"),
		Resource:         "mutatingadmissionpolicybindings",
		Singular:         "mutatingadmissionpolicybinding",
		Categories:       []string{apiExtensions},

		New:     func() Object { return &admissionregistrationv1.MutatingAdmissionPolicyBinding{} },
		Default: bindings.defaults,

		PrepareCreate: func(obj Object) { obj.SetGeneration(1) },
		PrepareUpdate: func(obj, old Object) {
			binding, before := obj.(*admissionregistrationv1.MutatingAdmissionPolicyBinding), old.(*admissionregistrationv1.MutatingAdmissionPolicyBinding)
			if !equality.Semantic.DeepEqual(binding.Spec, before.Spec) {
				binding.Generation = before.Generation + 1
			}
		},
		Validate: bindings.validate(func(b *admissionregistration.MutatingAdmissionPolicyBinding) field.ErrorList {
			return slices.Concat(validation.ValidateMutatingAdmissionPolicyBinding(b), notStatic(b.Name))
		}),
		ValidateUpdate: bindings.validateUpdate(validation.ValidateMutatingAdmissionPolicyBindingUpdate),
		Warnings: bindings.warnings(func(b, old *admissionregistration.MutatingAdmissionPolicyBinding) []string {
			return staticNameWarnings(b.Name, old == nil)
		}),
	}
}
