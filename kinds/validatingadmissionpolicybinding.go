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

// A ValidatingAdmissionPolicyBinding puts a policy to use: for what, with
// which parameters, and what follows when it is broken.
//
// Upstream: pkg/registry/admissionregistration/validatingadmissionpolicybinding (strategy).
func validatingAdmissionPolicyBinding() *Kind {
	bindings := versions[admissionregistrationv1.ValidatingAdmissionPolicyBinding, admissionregistration.ValidatingAdmissionPolicyBinding]{
		toInternal:    admissionregistrationv1conv.Convert_v1_ValidatingAdmissionPolicyBinding_To_admissionregistration_ValidatingAdmissionPolicyBinding,
		fromInternal:  admissionregistrationv1conv.Convert_admissionregistration_ValidatingAdmissionPolicyBinding_To_v1_ValidatingAdmissionPolicyBinding,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: admissionregistrationv1.SchemeGroupVersion.WithKind("ValidatingAdmissionPolicyBinding"),
		Resource:         "validatingadmissionpolicybindings",
		Singular:         "validatingadmissionpolicybinding",
		Categories:       []string{apiExtensions},

		New:     func() Object { return &admissionregistrationv1.ValidatingAdmissionPolicyBinding{} },
		Default: bindings.defaults,

		PrepareCreate: func(obj Object) { obj.SetGeneration(1) },
		PrepareUpdate: func(obj, old Object) {
			binding, before := obj.(*admissionregistrationv1.ValidatingAdmissionPolicyBinding), old.(*admissionregistrationv1.ValidatingAdmissionPolicyBinding)
			if !equality.Semantic.DeepEqual(binding.Spec, before.Spec) {
				binding.Generation = before.Generation + 1
			}
		},
		Validate: bindings.validate(func(b *admissionregistration.ValidatingAdmissionPolicyBinding) field.ErrorList {
			return slices.Concat(validation.ValidateValidatingAdmissionPolicyBinding(b), notStatic(b.Name))
		}),
		ValidateUpdate: bindings.validateUpdate(validation.ValidateValidatingAdmissionPolicyBindingUpdate),
		Warnings: bindings.warnings(func(b, old *admissionregistration.ValidatingAdmissionPolicyBinding) []string {
			return staticNameWarnings(b.Name, old == nil)
		}),
	}
}
