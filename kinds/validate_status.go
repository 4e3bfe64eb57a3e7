package kinds

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/api/operation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"
)

// declarative is the form of upstream's generated validation functions.
type declarative[S any] func(ctx context.Context, op operation.Operation, path *field.Path, obj, old *S) field.ErrorList

// validateStatus is validateUpdate for the status subresource, made cheap
// because nothing is written more often. After PrepareUpdate the spec is the
// old one, and mostly the metadata is too; both were valid when they were
// stored. So the hand-written rules are shown no labels and the like, which
// they would otherwise match against regular expressions a second time, and
// of the declarative rules only those for the status (nil: there are none)
// are run, as the others do nothing for what has not changed.
func (v versions[S, I]) validateStatus(rules func(obj, old *I) field.ErrorList, status declarative[S]) func(obj, old Object) field.ErrorList {
	whole := v.validateUpdate(rules, "status")
	op := operation.Operation{
		Type:    operation.Update,
		Request: operation.Request{Subresources: []string{"status"}},
		Options: v.options,
	}
	withoutMetadata := v.onInternal(func(obj, old *I) field.ErrorList {
		hideMetadata(obj)
		hideMetadata(old)
		return rules(obj, old)
	})
	return func(obj, old Object) field.ErrorList {
		if !sameMetadata(obj, old) {
			return whole(obj, old)
		}
		errs := withoutMetadata(obj, old)
		if status != nil {
			errs = merge(errs, status(context.Background(), op, nil, stored[S](obj), stored[S](old)))
		}
		return inOrder(errs)
	}
}

// hideMetadata takes away what rules about metadata look at, from an internal
// object that is ours alone.
func hideMetadata(internal any) {
	meta := internal.(metav1.Object)
	meta.SetLabels(nil)
	meta.SetAnnotations(nil)
	meta.SetOwnerReferences(nil)
	meta.SetFinalizers(nil)
	meta.SetManagedFields(nil)
}

// sameMetadata says that an update leaves the metadata as it is, so that no
// rule about it can fail. The rules for updates want a resource version.
func sameMetadata(obj, old Object) bool {
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
		sameOwners(a.OwnerReferences, b.OwnerReferences) &&
		slices.EqualFunc(a.ManagedFields, b.ManagedFields, sameEntry)
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

func sameEntry(a, b metav1.ManagedFieldsEntry) bool {
	return a.Manager == b.Manager && a.Operation == b.Operation && a.APIVersion == b.APIVersion && a.Subresource == b.Subresource &&
		a.Time.Equal(b.Time) && a.FieldsType == b.FieldsType &&
		(a.FieldsV1 == nil) == (b.FieldsV1 == nil) && (a.FieldsV1 == nil || bytes.Equal(a.FieldsV1.GetRawBytes(), b.FieldsV1.GetRawBytes()))
}
