package kinds

import (
	"slices"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/admissionregistration"
	admissionregistrationv1conv "k8s.io/kubernetes/pkg/apis/admissionregistration/v1"
	"k8s.io/kubernetes/pkg/apis/admissionregistration/validation"
	"k8s.io/kubernetes/pkg/kubeapiserver/admission/exclusion"
)

// A MutatingWebhookConfiguration lists webhooks that may change what is
// written.
//
// Upstream: pkg/registry/admissionregistration/mutatingwebhookconfiguration (strategy), complete.
func mutatingWebhookConfiguration() *Kind {
	configurations := versions[admissionregistrationv1.MutatingWebhookConfiguration, admissionregistration.MutatingWebhookConfiguration]{
		toInternal:    admissionregistrationv1conv.Convert_v1_MutatingWebhookConfiguration_To_admissionregistration_MutatingWebhookConfiguration,
		fromInternal:  admissionregistrationv1conv.Convert_admissionregistration_MutatingWebhookConfiguration_To_v1_MutatingWebhookConfiguration,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: admissionregistrationv1.SchemeGroupVersion.WithKind("MutatingWebhookConfiguration"),
		Resource:         "mutatingwebhookconfigurations",
		Singular:         "mutatingwebhookconfiguration",
		Categories:       []string{apiExtensions},

		New:     func() Object { return &admissionregistrationv1.MutatingWebhookConfiguration{} },
		Default: configurations.defaults,

		PrepareCreate: func(obj Object) { obj.SetGeneration(1) },
		PrepareUpdate: func(obj, old Object) {
			webhooks := obj.(*admissionregistrationv1.MutatingWebhookConfiguration).Webhooks
			before := old.(*admissionregistrationv1.MutatingWebhookConfiguration).Webhooks
			if !equality.Semantic.DeepEqual(webhooks, before) {
				obj.SetGeneration(old.GetGeneration() + 1)
			}
		},
		Validate: configurations.validate(func(c *admissionregistration.MutatingWebhookConfiguration) field.ErrorList {
			return slices.Concat(validation.ValidateMutatingWebhookConfiguration(c), notStatic(c.Name))
		}),
		ValidateUpdate: configurations.validateUpdate(validation.ValidateMutatingWebhookConfigurationUpdate),
		Warnings: configurations.warnings(func(c, old *admissionregistration.MutatingWebhookConfiguration) []string {
			return slices.Concat(staticNameWarnings(c.Name, old == nil), validation.WarningsForMutatingWebhookRules(c.Webhooks, exclusion.Excluded()))
		}),
	}
}
