package kinds

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"
	podapi "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// A PodTemplate is a template that nobody makes Pods of by itself. (What the
// templates inside of other kinds have in common is in templates.go.)
//
// Upstream: pkg/registry/core/podtemplate (strategy), complete.
func podTemplate() *Kind {
	templates := versions[corev1.PodTemplate, core.PodTemplate]{
		toInternal:   corev1conv.Convert_v1_PodTemplate_To_core_PodTemplate,
		fromInternal: corev1conv.Convert_core_PodTemplate_To_v1_PodTemplate,
	}
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("PodTemplate"),
		Resource:         "podtemplates",
		Singular:         "podtemplate",
		Namespaced:       true,

		New:     func() Object { return &corev1.PodTemplate{} },
		Default: templates.defaults,

		PrepareCreate: func(obj Object) {
			t := obj.(*corev1.PodTemplate)
			t.Generation = 1
			dropDisabledTemplateFields(&t.Template, nil)
		},
		PrepareUpdate: func(obj, old Object) {
			t, before := obj.(*corev1.PodTemplate), old.(*corev1.PodTemplate)
			dropDisabledTemplateFields(&t.Template, &before.Template)
			if !equality.Semantic.DeepEqual(t.Template, before.Template) {
				t.Generation = before.Generation + 1
			}
		},
		Validate: templates.validate(func(t *core.PodTemplate) field.ErrorList {
			return validation.ValidatePodTemplate(t, templateOptions(&t.Template, nil))
		}),
		ValidateUpdate: templates.validateUpdate(func(t, old *core.PodTemplate) field.ErrorList {
			return validation.ValidatePodTemplateUpdate(t, old, templateOptions(&t.Template, &old.Template))
		}),
		Warnings: templates.warnings(func(t, old *core.PodTemplate) []string {
			switch path := field.NewPath("template"); {
			case old == nil:
				return podapi.GetWarningsForPodTemplate(context.Background(), path, &t.Template, nil)
			case t.Generation == old.Generation:
				return nil
			default:
				return podapi.GetWarningsForPodTemplate(context.Background(), path, &t.Template, &old.Template)
			}
		}),
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,
	}
}
