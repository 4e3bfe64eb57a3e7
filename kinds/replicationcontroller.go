package kinds

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// A ReplicationController is what there was before ReplicaSets: its selector
// is a plain map.
//
// Upstream: pkg/registry/core/replicationcontroller (strategy), except that the annotation for selectors that extensions/v1beta1 could not express means nothing.
func replicationController() *Kind {
	controllers := versions[corev1.ReplicationController, core.ReplicationController]{
		toInternal:   corev1conv.Convert_v1_ReplicationController_To_core_ReplicationController,
		fromInternal: corev1conv.Convert_core_ReplicationController_To_v1_ReplicationController,
	}
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("ReplicationController"),
		Resource:         "replicationcontrollers",
		StoredAs:         "controllers",
		Singular:         "replicationcontroller",
		ShortNames:       []string{"rc"},
		Categories:       []string{"all"},
		Namespaced:       true,

		OrphansDependents: true,

		New:     func() Object { return &corev1.ReplicationController{} },
		Default: controllers.defaults,
		OnRead: func(obj Object) {
			if rc := obj.(*corev1.ReplicationController); len(rc.Labels) == 0 && rc.Spec.Template != nil {
				rc.Labels = rc.Spec.Template.Labels
			}
		},

		PrepareCreate: func(obj Object) {
			rc := obj.(*corev1.ReplicationController)
			rc.Status = corev1.ReplicationControllerStatus{}
			rc.Generation = 1
			if rc.Spec.Template != nil {
				dropDisabledTemplateFields(rc.Spec.Template, nil)
			}
		},
		PrepareUpdate: func(obj, old Object) {
			rc, before := obj.(*corev1.ReplicationController), old.(*corev1.ReplicationController)
			rc.Status = before.Status
			if rc.Spec.Template != nil {
				dropDisabledTemplateFields(rc.Spec.Template, before.Spec.Template)
			}
			if !equality.Semantic.DeepEqual(rc.Spec, before.Spec) {
				rc.Generation = before.Generation + 1
			}
		},
		Validate: controllers.validate(func(rc *core.ReplicationController) field.ErrorList {
			return validation.ValidateReplicationController(rc, templateOptions(rc.Spec.Template, nil))
		}),
		ValidateUpdate: controllers.validateUpdate(func(rc, old *core.ReplicationController) field.ErrorList {
			return validation.ValidateReplicationControllerUpdate(rc, old, templateOptions(rc.Spec.Template, old.Spec.Template))
		}),
		Warnings: controllers.warnings(func(rc, old *core.ReplicationController) []string {
			if old == nil {
				return templateWarnings(&rc.ObjectMeta, rc.Spec.Template, nil, nil)
			}
			return templateWarnings(&rc.ObjectMeta, rc.Spec.Template, &old.ObjectMeta, old.Spec.Template)
		}),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				obj.(*corev1.ReplicationController).Spec = old.(*corev1.ReplicationController).Spec
			},
			ValidateUpdate: controllers.validateStatus(validation.ValidateReplicationControllerStatusUpdate, nil),
		},
		Scale: &Scale{
			Replicas: func(obj Object) (spec, status int32, selector string) {
				rc := obj.(*corev1.ReplicationController)
				return replicasOrZero(rc.Spec.Replicas), rc.Status.Replicas, labels.Set(rc.Spec.Selector).String()
			},
			Set: func(obj Object, replicas int32) error {
				obj.(*corev1.ReplicationController).Spec.Replicas = &replicas
				return nil
			},
		},
		AllowUnconditionalUpdate: true,

		Fields: func(obj Object) fields.Set {
			return fields.Set{"status.replicas": strconv.Itoa(int(obj.(*corev1.ReplicationController).Status.Replicas))}
		},
		FieldNames: []string{"status.replicas"},
	}
}
