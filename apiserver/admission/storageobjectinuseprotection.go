package admission

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
)

// storageObjectInUseProtection gives new volumes, claims and volume attributes
// classes a finalizer. The protection controllers drop it when the object is
// being deleted and nobody uses it any more.
//
// Upstream: plugin/pkg/admission/storage/storageobjectinuseprotection.
func storageObjectInUseProtection() Plugin {
	return Plugin{
		Name: "StorageObjectInUseProtection",
		For:  []schema.GroupResource{persistentVolumes, persistentVolumeClaims, volumeAttributesClasses},
		Admit: func(a *Attributes) error {
			if !a.isNew() {
				return nil
			}
			obj, finalizer := a.Object.(kinds.Object), protectionFinalizer(a.Resource.Resource)
			if finalizers := obj.GetFinalizers(); !slices.Contains(finalizers, finalizer) {
				obj.SetFinalizers(append(slices.Clip(finalizers), finalizer))
			}
			return nil
		},
	}
}

func protectionFinalizer(resource string) string {
	switch resource {
	case persistentVolumes.Resource:
		return "kubernetes.io/pv-protection"
	case persistentVolumeClaims.Resource:
		return "kubernetes.io/pvc-protection"
	}
	return "kubernetes.io/vac-protection"
}
