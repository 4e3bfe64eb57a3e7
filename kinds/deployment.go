package kinds

import (
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsv1conv "k8s.io/kubernetes/pkg/apis/apps/v1"
	"k8s.io/kubernetes/pkg/apis/apps/validation"
)

// A Deployment rolls ReplicaSets out. Its generation counts changes of its
// spec and also of its annotations, because those are copied to its
// ReplicaSets.
//
// Upstream: pkg/registry/apps/deployment (strategy), complete.
func deployment() *Kind {
	deployments := versions[appsv1.Deployment, apps.Deployment]{
		toInternal:   appsv1conv.Convert_v1_Deployment_To_apps_Deployment,
		fromInternal: appsv1conv.Convert_apps_Deployment_To_v1_Deployment,
	}
	return &Kind{
		GroupVersionKind: appsv1.SchemeGroupVersion.WithKind("Deployment"),
		Resource:         "deployments",
		Singular:         "deployment",
		ShortNames:       []string{"deploy"},
		Categories:       []string{"all"},
		Namespaced:       true,

		New:     func() Object { return &appsv1.Deployment{} },
		Default: deployments.defaults,

		PrepareCreate: func(obj Object) {
			d := obj.(*appsv1.Deployment)
			d.Status = appsv1.DeploymentStatus{}
			d.Generation = 1
			dropDisabledTemplateFields(&d.Spec.Template, nil)
		},
		PrepareUpdate: func(obj, old Object) {
			d, before := obj.(*appsv1.Deployment), old.(*appsv1.Deployment)
			d.Status = before.Status
			dropDisabledTemplateFields(&d.Spec.Template, &before.Spec.Template)
			if !equality.Semantic.DeepEqual(d.Spec, before.Spec) || !equality.Semantic.DeepEqual(d.Annotations, before.Annotations) {
				d.Generation = before.Generation + 1
			}
		},
		Validate: deployments.validate(func(d *apps.Deployment) field.ErrorList {
			return validation.ValidateDeployment(d, templateOptions(&d.Spec.Template, nil))
		}),
		ValidateUpdate: deployments.validateUpdate(func(d, old *apps.Deployment) field.ErrorList {
			return validation.ValidateDeploymentUpdate(d, old, templateOptions(&d.Spec.Template, &old.Spec.Template))
		}),
		Warnings: deployments.warnings(func(d, old *apps.Deployment) []string {
			if old == nil {
				return templateWarnings(&d.ObjectMeta, &d.Spec.Template, nil, nil)
			}
			return templateWarnings(&d.ObjectMeta, &d.Spec.Template, &old.ObjectMeta, &old.Spec.Template)
		}),

		Status: &Subresource{
			ResetFields: []string{"spec", "metadata.labels"},
			PrepareUpdate: func(obj, old Object) {
				d, before := obj.(*appsv1.Deployment), old.(*appsv1.Deployment)
				d.Spec = before.Spec
				d.Labels = before.Labels
			},
			ValidateUpdate: deployments.validateStatus(validation.ValidateDeploymentStatusUpdate, nil),
		},
		Scale: &Scale{
			Replicas: func(obj Object) (spec, status int32, selector string) {
				d := obj.(*appsv1.Deployment)
				return replicasOrZero(d.Spec.Replicas), d.Status.Replicas, selectorText(d.Spec.Selector)
			},
			Set: func(obj Object, replicas int32) error {
				obj.(*appsv1.Deployment).Spec.Replicas = &replicas
				return nil
			},
		},
		AllowUnconditionalUpdate: true,
	}
}
