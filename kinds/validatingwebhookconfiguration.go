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

// apiExtensions is the category of what extends the API.
const apiExtensions = "api-extensions"

// A ValidatingWebhookConfiguration lists webhooks that are asked whether a
// write may happen.
//
// Upstream: pkg/registry/admissionregistration/validatingwebhookconfiguration (strategy), complete.
func validatingWebhookConfiguration() *Kind {
	configurations := versions[admissionregistrationv1.ValidatingWebhookConfiguration, admissionregistration.ValidatingWebhookConfiguration]{
		toInternal:    admissionregistrationv1conv.Convert_v1_ValidatingWebhookConfiguration_To_admissionregistration_ValidatingWebhookConfiguration,
		fromInternal:  admissionregistrationv1conv.Convert_admissionregistration_ValidatingWebhookConfiguration_To_v1_ValidatingWebhookConfiguration,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: admissionregistrationv1.SchemeGroupVersion.WithKind("ValidatingWebhookConfiguration"),
		Resource:         "validatingwebhookconfigurations",
		Singular:         "validatingwebhookconfiguration",
		Categories:       []string{apiExtensions},

		New:     func() Object { return &admissionregistrationv1.ValidatingWebhookConfiguration{} },
		Default: configurations.defaults,

		PrepareCreate: func(obj Object) { obj.SetGeneration(1) },
		PrepareUpdate: func(obj, old Object) {
			webhooks := obj.(*admissionregistrationv1.ValidatingWebhookConfiguration).Webhooks
			before := old.(*admissionregistrationv1.ValidatingWebhookConfiguration).Webhooks
			if !equality.Semantic.DeepEqual(webhooks, before) {
				obj.SetGeneration(old.GetGeneration() + 1)
			}
		},
		Validate: configurations.validate(func(c *admissionregistration.ValidatingWebhookConfiguration) field.ErrorList {
			return slices.Concat(validation.ValidateValidatingWebhookConfiguration(c), notStatic(c.Name))
		}),
		ValidateUpdate: configurations.validateUpdate(validation.ValidateValidatingWebhookConfigurationUpdate),
		Warnings: configurations.warnings(func(c, old *admissionregistration.ValidatingWebhookConfiguration) []string {
			return slices.Concat(staticNameWarnings(c.Name, old == nil), validation.WarningsForValidatingWebhookRules(c.Webhooks, exclusion.Excluded()))
		}),
	}
}

// notStatic keeps names for configuration from files, which an API server
// reads besides its objects, out of the objects.
func notStatic(name string) field.ErrorList {
	return validation.ValidateStaticSuffix(name, field.NewPath("metadata", "name"))
}

// staticNameWarnings are for objects from before such names were refused.
func staticNameWarnings(name string, isNew bool) []string {
	if isNew {
		return nil
	}
	return validation.WarningsForStaticSuffix(name)
}
