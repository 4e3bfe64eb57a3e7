package kinds

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	pvcapi "k8s.io/kubernetes/pkg/api/persistentvolumeclaim"
	podapi "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsv1conv "k8s.io/kubernetes/pkg/apis/apps/v1"
	"k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/features"
)

// A StatefulSet keeps Pods that are not alike: each has a number, and claims
// of its own. Little of its spec may change.
//
// Upstream: pkg/registry/apps/statefulset (strategy), stored and validated: its controller comes later.
func statefulSet() *Kind {
	sets := versions[appsv1.StatefulSet, apps.StatefulSet]{
		toInternal:   appsv1conv.Convert_v1_StatefulSet_To_apps_StatefulSet,
		fromInternal: appsv1conv.Convert_apps_StatefulSet_To_v1_StatefulSet,
	}
	return &Kind{
		GroupVersionKind: appsv1.SchemeGroupVersion.WithKind("StatefulSet"),
		Resource:         "statefulsets",
		Singular:         "statefulset",
		ShortNames:       []string{"sts"},
		Categories:       []string{"all"},
		Namespaced:       true,

		New: func() Object { return &appsv1.StatefulSet{} },
		Default: func(obj Object) {
			sets.defaults(obj)
			nameClaimKinds(obj.(*appsv1.StatefulSet).Spec.VolumeClaimTemplates)
		},

		PrepareCreate: func(obj Object) {
			set := obj.(*appsv1.StatefulSet)
			set.Status = appsv1.StatefulSetStatus{}
			set.Generation = 1
			dropMaxUnavailable(set, nil)
			dropDisabledTemplateFields(&set.Spec.Template, nil)
		},
		PrepareUpdate: func(obj, old Object) {
			set, before := obj.(*appsv1.StatefulSet), old.(*appsv1.StatefulSet)
			set.Status = before.Status
			dropMaxUnavailable(set, before)
			dropDisabledTemplateFields(&set.Spec.Template, &before.Spec.Template)
			if !equality.Semantic.DeepEqual(set.Spec, before.Spec) {
				set.Generation = before.Generation + 1
			}
		},
		Validate: sets.validate(func(set *apps.StatefulSet) field.ErrorList {
			return validation.ValidateStatefulSet(set, statefulSetOptions(nil), templateOptions(&set.Spec.Template, nil))
		}),
		ValidateUpdate: sets.validateUpdate(func(set, old *apps.StatefulSet) field.ErrorList {
			return validation.ValidateStatefulSetUpdate(set, old, statefulSetOptions(old), templateOptions(&set.Spec.Template, &old.Spec.Template))
		}),
		Warnings: sets.warnings(statefulSetWarnings),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				obj.(*appsv1.StatefulSet).Spec = old.(*appsv1.StatefulSet).Spec
			},
			ValidateUpdate: sets.validateStatus(validation.ValidateStatefulSetStatusUpdate, nil),
		},
		Scale: &Scale{
			Replicas: func(obj Object) (spec, status int32, selector string) {
				set := obj.(*appsv1.StatefulSet)
				return replicasOrZero(set.Spec.Replicas), set.Status.Replicas, selectorText(set.Spec.Selector)
			},
			Set: func(obj Object, replicas int32) error {
				obj.(*appsv1.StatefulSet).Spec.Replicas = &replicas
				return nil
			},
		},
		AllowUnconditionalUpdate: true,
	}
}

// nameClaimKinds has the claims in a set say what they are, as upstream's
// conversion does.
func nameClaimKinds(claims []corev1.PersistentVolumeClaim) {
	kind := metav1.TypeMeta{APIVersion: "v1", Kind: "PersistentVolumeClaim"}
	for i := range claims {
		if claims[i].TypeMeta != kind {
			claims[i].TypeMeta = kind
		}
	}
}

// dropMaxUnavailable removes the field while its feature is off, unless it
// was in use before.
func dropMaxUnavailable(set, old *appsv1.StatefulSet) {
	if enabled(features.MaxUnavailableStatefulSet) {
		return
	}
	if old != nil && old.Spec.UpdateStrategy.RollingUpdate != nil && old.Spec.UpdateStrategy.RollingUpdate.MaxUnavailable != nil {
		return
	}
	if rolling := set.Spec.UpdateStrategy.RollingUpdate; rolling != nil {
		rolling.MaxUnavailable = nil
	}
}

// statefulSetOptions is lenient about an old set's fields that cannot change.
func statefulSetOptions(old *apps.StatefulSet) validation.StatefulSetValidationOptions {
	recreate := enabled(features.StatefulSetRecreateStrategy)
	if old == nil {
		return validation.StatefulSetValidationOptions{AllowStatefulSetRecreateStrategy: recreate}
	}
	return validation.StatefulSetValidationOptions{
		AllowInvalidServiceName:          true,
		SkipValidateVolumeClaimTemplates: true,
		AllowStatefulSetRecreateStrategy: recreate || old.Spec.UpdateStrategy.Type == apps.RecreateStatefulSetStrategyType,
	}
}

func statefulSetWarnings(set, old *apps.StatefulSet) []string {
	var warnings []string
	template := field.NewPath("spec", "template")
	switch {
	case old == nil:
		warnings = podapi.GetWarningsForPodTemplate(context.Background(), template, &set.Spec.Template, nil)
	case set.Generation != old.Generation:
		warnings = podapi.GetWarningsForPodTemplate(context.Background(), template, &set.Spec.Template, &old.Spec.Template)
	}
	for i, claim := range set.Spec.VolumeClaimTemplates {
		path := field.NewPath("spec", "volumeClaimTemplates").Index(i)
		if old != nil {
			path = path.Child("Spec") // sic
		}
		warnings = append(warnings, pvcapi.GetWarningsForPersistentVolumeClaimSpec(path, claim.Spec)...)
	}
	if limit := set.Spec.RevisionHistoryLimit; limit != nil && *limit < 0 {
		warnings = append(warnings, "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended")
	}
	return warnings
}
