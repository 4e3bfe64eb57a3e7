package kinds

import (
	"bytes"
	"maps"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// sameMetadata says that an update leaves the metadata as it is, so that no
// rule about it can fail.
func sameMetadata(obj, old Object) bool {
	return sameButManagers(obj, old) && slices.EqualFunc(objectMeta(obj).ManagedFields, objectMeta(old).ManagedFields, sameEntry)
}

// sameButManagers leaves out who manages which fields, which every update from
// outside changes. The rules for updates want a resource version.
func sameButManagers(obj, old Object) bool {
	a, b := objectMeta(obj), objectMeta(old)
	return a.ResourceVersion != "" &&
		a.Name == b.Name &&
		a.GenerateName == b.GenerateName &&
		a.Namespace == b.Namespace &&
		a.UID == b.UID &&
		a.Generation == b.Generation &&
		a.CreationTimestamp.Equal(&b.CreationTimestamp) &&
		a.DeletionTimestamp.Equal(b.DeletionTimestamp) &&
		ptr.Equal(a.DeletionGracePeriodSeconds, b.DeletionGracePeriodSeconds) &&
		maps.Equal(a.Labels, b.Labels) &&
		maps.Equal(a.Annotations, b.Annotations) &&
		slices.Equal(a.Finalizers, b.Finalizers) &&
		sameOwners(a.OwnerReferences, b.OwnerReferences)
}

// withMetadataOf returns old with the metadata of obj, which says the same, so
// that the declarative rules see at a glance that there is nothing to check in
// it. They have no word on who manages which fields.
func withMetadataOf[S any](obj Object, old *S) Object {
	seen := *old
	shown := any(&seen).(Object)
	*objectMeta(shown) = *objectMeta(obj)
	return shown
}

func objectMeta(obj Object) *metav1.ObjectMeta {
	return obj.(metav1.ObjectMetaAccessor).GetObjectMeta().(*metav1.ObjectMeta)
}

func sameOwners(a, b []metav1.OwnerReference) bool {
	return slices.EqualFunc(a, b, func(a, b metav1.OwnerReference) bool {
		return a.UID == b.UID && a.Name == b.Name && a.Kind == b.Kind && a.APIVersion == b.APIVersion &&
			ptr.Equal(a.Controller, b.Controller) && ptr.Equal(a.BlockOwnerDeletion, b.BlockOwnerDeletion)
	})
}

func sameEntry(a, b metav1.ManagedFieldsEntry) bool { return SameManager(a, b) && a.Time.Equal(b.Time) }

// SameManager says whether two entries say the same, at whatever time.
func SameManager(a, b metav1.ManagedFieldsEntry) bool {
	return a.Manager == b.Manager && a.Operation == b.Operation && a.APIVersion == b.APIVersion && a.Subresource == b.Subresource &&
		a.FieldsType == b.FieldsType &&
		(a.FieldsV1 == nil) == (b.FieldsV1 == nil) && (a.FieldsV1 == nil || bytes.Equal(a.FieldsV1.GetRawBytes(), b.FieldsV1.GetRawBytes()))
}
