package kinds

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/validation/field"
	pvapi "k8s.io/kubernetes/pkg/api/persistentvolume"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	volumevalidation "k8s.io/kubernetes/pkg/volume/validation"
)

// A PersistentVolume is storage that exists on its own, for a claim to bind.
//
// Upstream: pkg/registry/core/persistentvolume (strategy), complete.
func persistentVolume() *Kind {
	volumes := versions[corev1.PersistentVolume, core.PersistentVolume]{
		toInternal:    corev1conv.Convert_v1_PersistentVolume_To_core_PersistentVolume,
		fromInternal:  corev1conv.Convert_core_PersistentVolume_To_v1_PersistentVolume,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("PersistentVolume"),
		Resource:         "persistentvolumes",
		Singular:         "persistentvolume",
		ShortNames:       []string{"pv"},

		New:     func() Object { return &corev1.PersistentVolume{} },
		Default: volumes.defaults,

		PrepareCreate: volumes.prepareCreate(func(pv *core.PersistentVolume) {
			created := pv.CreationTimestamp
			pv.Status = core.PersistentVolumeStatus{Phase: core.VolumePending, LastPhaseTransitionTime: &created}
			pvapi.DropDisabledSpecFields(&pv.Spec, nil)
		}),
		PrepareUpdate: volumes.prepareUpdate(func(pv, old *core.PersistentVolume) {
			pv.Status = old.Status
			pvapi.DropDisabledSpecFields(&pv.Spec, &old.Spec)
		}),
		Stamp: stampPhase,
		Validate: volumes.validate(func(pv *core.PersistentVolume) field.ErrorList {
			return validateVolume(pv, nil)
		}),
		ValidateUpdate: volumes.validateUpdate(func(pv, old *core.PersistentVolume) field.ErrorList {
			options := validation.ValidationOptionsForPersistentVolume(pv, old)
			return append(validateVolume(pv, old), validation.ValidatePersistentVolumeUpdate(pv, old, options)...)
		}),
		Warnings: volumes.warnings(func(pv, _ *core.PersistentVolume) []string {
			return pvapi.GetWarningsForPersistentVolume(pv)
		}),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				pv, before := obj.(*corev1.PersistentVolume), old.(*corev1.PersistentVolume)
				pv.Spec = before.Spec
				if pv.Status.Phase == before.Status.Phase && pv.Status.LastPhaseTransitionTime == nil {
					pv.Status.LastPhaseTransitionTime = before.Status.LastPhaseTransitionTime
				}
			},
			ValidateUpdate: volumes.validateStatus(validation.ValidatePersistentVolumeStatusUpdate, nil),
		},
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,

		Fields:     func(obj Object) fields.Set { return fields.Set{"name": obj.GetName()} },
		FieldNames: []string{"name"},
	}
}

// validateVolume checks the whole volume, also when it is changed.
func validateVolume(pv, old *core.PersistentVolume) field.ErrorList {
	errs := validation.ValidatePersistentVolume(pv, validation.ValidationOptionsForPersistentVolume(pv, old))
	return append(errs, volumevalidation.ValidatePersistentVolume(pv)...)
}

// stampPhase notes when a volume's phase has changed, unless the writer says.
func stampPhase(obj, old Object, now time.Time) {
	if old == nil {
		return
	}
	status, before := &obj.(*corev1.PersistentVolume).Status, &old.(*corev1.PersistentVolume).Status
	if status.Phase == before.Phase {
		return
	}
	if t := status.LastPhaseTransitionTime; t == nil || t.Equal(before.LastPhaseTransitionTime) {
		changed := metav1.NewTime(now.Truncate(time.Second))
		status.LastPhaseTransitionTime = &changed
	}
}
