package admission

import (
	"errors"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/component-helpers/storage/volume"
	"k8s.io/utils/ptr"
)

// persistentVolumeClaimResize lets a claim grow only if it is bound and its
// class allows it.
//
// Upstream: plugin/pkg/admission/storage/persistentvolume/resize.
func persistentVolumeClaimResize() Plugin {
	return Plugin{Name: "PersistentVolumeClaimResize", For: []schema.GroupResource{persistentVolumeClaims}, Validate: func(a *Attributes) error {
		if a.Operation != Update || a.Subresource != "" {
			return nil
		}
		claim, old := a.Object.(*corev1.PersistentVolumeClaim), a.OldObject.(*corev1.PersistentVolumeClaim)
		size, oldSize := claim.Spec.Resources.Requests.Storage(), old.Spec.Resources.Requests.Storage()
		switch {
		case size.Cmp(*oldSize) <= 0:
			return nil
		case old.Status.Phase != corev1.ClaimBound:
			//lint:ignore ST1005 upstream's text
			return a.Forbidden(errors.New("Only bound persistent volume claims can be expanded"))
		case !a.allowsExpansion(claim, old):
			return a.Forbidden(errors.New("only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"))
		}
		return nil
	}}
}

func (a *Attributes) allowsExpansion(claim, old *corev1.PersistentVolumeClaim) bool {
	name := volume.GetPersistentVolumeClaimClass(claim)
	if name == "" || name != volume.GetPersistentVolumeClaimClass(old) {
		return false
	}
	class, ok := a.Get(storageClasses, "", name).(*storagev1.StorageClass)
	return ok && ptr.Deref(class.AllowVolumeExpansion, false)
}
