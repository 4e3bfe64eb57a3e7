package kinds

import (
	"slices"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/resourceclaimspec"
	"k8s.io/kubernetes/pkg/apis/resource"
	resourcev1conv "k8s.io/kubernetes/pkg/apis/resource/v1"
	"k8s.io/kubernetes/pkg/apis/resource/validation"
)

// A ResourceClaimTemplate is what the claims of a Pod are made from. Its spec
// never changes.
//
// Upstream: pkg/registry/resource/resourceclaimtemplate (strategy), stored and validated; nothing makes claims of it.
func resourceClaimTemplate() *Kind {
	templates := versions[resourcev1.ResourceClaimTemplate, resource.ResourceClaimTemplate]{
		toInternal:   resourcev1conv.Convert_v1_ResourceClaimTemplate_To_resource_ResourceClaimTemplate,
		fromInternal: resourcev1conv.Convert_resource_ResourceClaimTemplate_To_v1_ResourceClaimTemplate,
	}
	return &Kind{
		GroupVersionKind: resourcev1.SchemeGroupVersion.WithKind("ResourceClaimTemplate"),
		Resource:         "resourceclaimtemplates",
		Singular:         "resourceclaimtemplate",
		Namespaced:       true,

		New:     func() Object { return &resourcev1.ResourceClaimTemplate{} },
		Default: templates.defaults,

		PrepareCreate: templates.prepareCreate(func(t *resource.ResourceClaimTemplate) {
			resourceclaimspec.DropDisabledFields(&t.Spec.Spec, nil)
		}),
		PrepareUpdate: templates.prepareUpdate(func(t, old *resource.ResourceClaimTemplate) {
			resourceclaimspec.DropDisabledFields(&t.Spec.Spec, &old.Spec.Spec)
		}),
		Validate: templates.validate(validation.ValidateResourceClaimTemplate),
		ValidateUpdate: templates.validateUpdate(func(t, old *resource.ResourceClaimTemplate) field.ErrorList {
			return slices.Concat(validation.ValidateResourceClaimTemplate(t), validation.ValidateResourceClaimTemplateUpdate(t, old))
		}),
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,
	}
}
