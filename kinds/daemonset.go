package kinds

import (
	"context"
	"maps"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	podapi "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsv1conv "k8s.io/kubernetes/pkg/apis/apps/v1"
	"k8s.io/kubernetes/pkg/apis/apps/validation"
)

// A DaemonSet keeps one Pod on every node. It counts changes of its template
// a second time, in an annotation.
//
// Upstream: pkg/registry/apps/daemonset (strategy), stored and validated: its controller comes later.
func daemonSet() *Kind {
	sets := versions[appsv1.DaemonSet, apps.DaemonSet]{
		toInternal:   appsv1conv.Convert_v1_DaemonSet_To_apps_DaemonSet,
		fromInternal: appsv1conv.Convert_apps_DaemonSet_To_v1_DaemonSet,
	}
	return &Kind{
		GroupVersionKind: appsv1.SchemeGroupVersion.WithKind("DaemonSet"),
		Resource:         "daemonsets",
		Singular:         "daemonset",
		ShortNames:       []string{"ds"},
		Categories:       []string{"all"},
		Namespaced:       true,

		New: func() Object { return &appsv1.DaemonSet{} },
		Default: func(obj Object) {
			sets.defaults(obj)
			countTemplates(obj.(*appsv1.DaemonSet))
		},

		PrepareCreate: sets.prepareCreate(func(set *apps.DaemonSet) {
			set.Status = apps.DaemonSetStatus{}
			set.Generation = 1
			set.Spec.TemplateGeneration = max(set.Spec.TemplateGeneration, 1)
			podapi.DropDisabledTemplateFields(&set.Spec.Template, nil)
		}),
		PrepareUpdate: sets.prepareUpdate(func(set, old *apps.DaemonSet) {
			podapi.DropDisabledTemplateFields(&set.Spec.Template, &old.Spec.Template)
			set.Status = old.Status
			set.Spec.TemplateGeneration = old.Spec.TemplateGeneration
			if !equality.Semantic.DeepEqual(set.Spec, old.Spec) {
				set.Generation = old.Generation + 1
			}
			if !equality.Semantic.DeepEqual(set.Spec.Template, old.Spec.Template) {
				set.Spec.TemplateGeneration++
			}
		}),
		Validate: sets.validate(func(set *apps.DaemonSet) field.ErrorList {
			return validation.ValidateDaemonSet(set, templateOptions(&set.Spec.Template, nil))
		}),
		ValidateUpdate: sets.validateUpdate(func(set, old *apps.DaemonSet) field.ErrorList {
			options := templateOptions(&set.Spec.Template, &old.Spec.Template)
			if metav1validation.LabelSelectorHasInvalidLabelValue(old.Spec.Selector) {
				options.AllowInvalidLabelValueInSelector = true
			}
			return validation.ValidateDaemonSetUpdate(set, old, options)
		}),
		Warnings: sets.warnings(func(set, old *apps.DaemonSet) []string {
			switch path := field.NewPath("spec", "template"); {
			case old == nil:
				return podapi.GetWarningsForPodTemplate(context.Background(), path, &set.Spec.Template, nil)
			case set.Spec.TemplateGeneration == old.Spec.TemplateGeneration:
				return nil
			default:
				return podapi.GetWarningsForPodTemplate(context.Background(), path, &set.Spec.Template, &old.Spec.Template)
			}
		}),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				set, before := obj.(*appsv1.DaemonSet), old.(*appsv1.DaemonSet)
				set.Spec = before.Spec
				countAs(set, before.Annotations[appsv1.DeprecatedTemplateGeneration])
			},
			ValidateUpdate: sets.validateStatus(validation.ValidateDaemonSetStatusUpdate, nil),
		},
		AllowUnconditionalUpdate: true,
	}
}

// countTemplates notes that no template was counted yet. The count is a field
// of the internal version, so upstream gives every set that is read in a v1
// version one, before anyone looks at who manages what.
func countTemplates(set *appsv1.DaemonSet) {
	if _, ok := set.Annotations[appsv1.DeprecatedTemplateGeneration]; !ok {
		countAs(set, "0")
	}
}

// countAs notes how many templates were counted, if that is known.
func countAs(set *appsv1.DaemonSet, count string) {
	if count == "" || set.Annotations[appsv1.DeprecatedTemplateGeneration] == count {
		return
	}
	set.Annotations = maps.Clone(set.Annotations)
	if set.Annotations == nil {
		set.Annotations = map[string]string{}
	}
	set.Annotations[appsv1.DeprecatedTemplateGeneration] = count
}

// Metadata is what tables and PartialObjectMetadata show of an object: all but
// what upstream has in a field of its own, which only the object as a whole
// shows as an annotation.
func Metadata(obj Object) metav1.Object {
	set, ok := obj.(*appsv1.DaemonSet)
	if !ok {
		return obj
	}
	meta := set.ObjectMeta
	meta.Annotations = maps.Clone(meta.Annotations)
	delete(meta.Annotations, appsv1.DeprecatedTemplateGeneration)
	return &meta
}
