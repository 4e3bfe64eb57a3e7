package kinds

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/operation"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/validation/field"
	pvcapi "k8s.io/kubernetes/pkg/api/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// A PersistentVolumeClaim asks for storage, and names the volume that it was
// given. What it is filled from stands in two fields, old and new, which are
// kept equal.
//
// Upstream: pkg/registry/core/persistentvolumeclaim (strategy), stored and validated: its controllers come later.
func persistentVolumeClaim() *Kind {
	claims := versions[corev1.PersistentVolumeClaim, core.PersistentVolumeClaim]{
		toInternal:   corev1conv.Convert_v1_PersistentVolumeClaim_To_core_PersistentVolumeClaim,
		fromInternal: corev1conv.Convert_core_PersistentVolumeClaim_To_v1_PersistentVolumeClaim,
	}
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("PersistentVolumeClaim"),
		Resource:         "persistentvolumeclaims",
		Singular:         "persistentvolumeclaim",
		ShortNames:       []string{"pvc"},
		Namespaced:       true,

		New:     func() Object { return &corev1.PersistentVolumeClaim{} },
		Default: claims.defaults,

		PrepareCreate: claims.prepareCreate(func(pvc *core.PersistentVolumeClaim) {
			pvc.Status = core.PersistentVolumeClaimStatus{Phase: core.ClaimPending}
			prepareClaimSpec(&pvc.Spec, nil)
		}),
		ReadsMore: func(Object) bool { return true }, // the phase
		PrepareUpdate: claims.prepareUpdate(func(pvc, old *core.PersistentVolumeClaim) {
			pvc.Status = old.Status
			prepareClaimSpec(&pvc.Spec, &old.Spec)
		}),
		Validate: claims.validate(func(pvc *core.PersistentVolumeClaim) field.ErrorList {
			return validation.ValidatePersistentVolumeClaim(pvc, validation.ValidationOptionsForPersistentVolumeClaim(pvc, nil))
		}),
		ValidateUpdate: claims.validateUpdate(func(pvc, old *core.PersistentVolumeClaim) field.ErrorList {
			return validation.ValidatePersistentVolumeClaimUpdate(pvc, old, validation.ValidationOptionsForPersistentVolumeClaim(pvc, old))
		}),
		Warnings: claims.warnings(func(pvc, _ *core.PersistentVolumeClaim) []string {
			return pvcapi.GetWarningsForPersistentVolumeClaim(pvc)
		}),

		Status: &Subresource{
			PrepareUpdate: claims.prepareUpdate(func(pvc, old *core.PersistentVolumeClaim) {
				pvc.Spec = old.Spec
				pvcapi.DropDisabledFieldsFromStatus(pvc, old)
			}),
			ValidateUpdate: claims.validateStatus(func(pvc, old *core.PersistentVolumeClaim) field.ErrorList {
				return validation.ValidatePersistentVolumeClaimStatusUpdate(pvc, old, validation.ValidationOptionsForPersistentVolumeClaim(pvc, old))
			}, declaredClaimStatus),
		},
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,

		Fields:     func(obj Object) fields.Set { return fields.Set{"name": obj.GetName()} },
		FieldNames: []string{"name"},
	}
}

// prepareClaimSpec drops what belongs to features that are off, and of the
// old field for the source what no driver would have looked at.
func prepareClaimSpec(spec, old *core.PersistentVolumeClaimSpec) {
	pvcapi.DropDisabledFields(spec, old)
	pvcapi.EnforceDataSourceBackwardsCompatibility(spec, old)
	pvcapi.NormalizeDataSources(spec)
}

// declaredClaimStatus are the rules that the tags of the status declare.
func declaredClaimStatus(ctx context.Context, op operation.Operation, path *field.Path, pvc, old *corev1.PersistentVolumeClaim) field.ErrorList {
	return corev1conv.Validate_PersistentVolumeClaimStatus(ctx, op, path.Child("status"), &pvc.Status, &old.Status)
}
