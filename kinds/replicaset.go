package kinds

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsv1conv "k8s.io/kubernetes/pkg/apis/apps/v1"
	"k8s.io/kubernetes/pkg/apis/apps/validation"
)

// A ReplicaSet keeps a number of equal Pods. Its generation counts changes of
// its spec.
//
// Upstream: pkg/registry/apps/replicaset (strategy), complete.
func replicaSet() *Kind {
	replicaSets := versions[appsv1.ReplicaSet, apps.ReplicaSet]{
		toInternal:   appsv1conv.Convert_v1_ReplicaSet_To_apps_ReplicaSet,
		fromInternal: appsv1conv.Convert_apps_ReplicaSet_To_v1_ReplicaSet,
	}
	return &Kind{
		GroupVersionKind: appsv1.SchemeGroupVersion.WithKind("ReplicaSet"),
		Resource:         "replicasets",
		Singular:         "replicaset",
		ShortNames:       []string{"rs"},
		Categories:       []string{"all"},
		Namespaced:       true,

		New:     func() Object { return &appsv1.ReplicaSet{} },
		Default: replicaSets.defaults,

		PrepareCreate: func(obj Object) {
			rs := obj.(*appsv1.ReplicaSet)
			rs.Status = appsv1.ReplicaSetStatus{}
			rs.Generation = 1
			dropDisabledTemplateFields(&rs.Spec.Template, nil)
		},
		PrepareUpdate: func(obj, old Object) {
			rs, before := obj.(*appsv1.ReplicaSet), old.(*appsv1.ReplicaSet)
			rs.Status = before.Status
			dropDisabledTemplateFields(&rs.Spec.Template, &before.Spec.Template)
			if !equality.Semantic.DeepEqual(rs.Spec, before.Spec) {
				rs.Generation = before.Generation + 1
			}
		},
		Validate: replicaSets.validate(func(rs *apps.ReplicaSet) field.ErrorList {
			return validation.ValidateReplicaSet(rs, templateOptions(&rs.Spec.Template, nil))
		}),
		ValidateUpdate: replicaSets.validateUpdate(func(rs, old *apps.ReplicaSet) field.ErrorList {
			return validation.ValidateReplicaSetUpdate(rs, old, templateOptions(&rs.Spec.Template, &old.Spec.Template))
		}),
		Warnings: replicaSets.warnings(func(rs, old *apps.ReplicaSet) []string {
			if old == nil {
				return templateWarnings(&rs.ObjectMeta, &rs.Spec.Template, nil, nil)
			}
			return templateWarnings(&rs.ObjectMeta, &rs.Spec.Template, &old.ObjectMeta, &old.Spec.Template)
		}),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				obj.(*appsv1.ReplicaSet).Spec = old.(*appsv1.ReplicaSet).Spec
			},
			ValidateUpdate: replicaSets.validateStatus(validation.ValidateReplicaSetStatusUpdate, nil),
		},
		Scale: &Scale{
			Replicas: func(obj Object) (spec, status int32, selector string) {
				rs := obj.(*appsv1.ReplicaSet)
				return replicasOrZero(rs.Spec.Replicas), rs.Status.Replicas, selectorText(rs.Spec.Selector)
			},
			Set: func(obj Object, replicas int32) error {
				obj.(*appsv1.ReplicaSet).Spec.Replicas = &replicas
				return nil
			},
		},
		AllowUnconditionalUpdate: true,

		Fields: func(obj Object) fields.Set {
			return fields.Set{"status.replicas": strconv.Itoa(int(obj.(*appsv1.ReplicaSet).Status.Replicas))}
		},
		FieldNames: []string{"status.replicas"},
	}
}
