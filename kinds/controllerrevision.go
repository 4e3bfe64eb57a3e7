package kinds

import (
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/kubernetes/pkg/apis/apps"
	appsv1conv "k8s.io/kubernetes/pkg/apis/apps/v1"
	"k8s.io/kubernetes/pkg/apis/apps/validation"
)

// A ControllerRevision is a snapshot of a template that never changes; only
// its number does.
//
// Upstream: pkg/registry/apps/controllerrevision (strategy), complete.
func controllerRevision() *Kind {
	revisions := versions[appsv1.ControllerRevision, apps.ControllerRevision]{
		toInternal:   appsv1conv.Convert_v1_ControllerRevision_To_apps_ControllerRevision,
		fromInternal: appsv1conv.Convert_apps_ControllerRevision_To_v1_ControllerRevision,
	}
	return &Kind{
		GroupVersionKind: appsv1.SchemeGroupVersion.WithKind("ControllerRevision"),
		Resource:         "controllerrevisions",
		Singular:         "controllerrevision",
		Namespaced:       true,

		New:     func() Object { return &appsv1.ControllerRevision{} },
		Default: revisions.defaults,

		Validate:                 revisions.validate(validation.ValidateControllerRevisionCreate),
		ValidateUpdate:           revisions.validateUpdate(validation.ValidateControllerRevisionUpdate),
		AllowUnconditionalUpdate: true,
	}
}
