package controllers

import (
	"encoding/json"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
)

// Owner references are changed by strategic merge patches, which cannot
// conflict with anything else that happens to the object: they carry its UID,
// but no resource version. Custom resources have no such patch and answer 415;
// the next attempt then sends the whole list in a JSON merge patch.

// removeOwners takes the references to uids out of an object. It plans nothing
// if there are none to take out.
func removeOwners(plan *reconcile.Plan, req reconcile.Request, o reconcile.Object, uids []types.UID, why string) error {
	if len(uids) == 0 {
		return nil
	}
	if apierrors.IsUnsupportedMediaType(req.LastErr) {
		kept := slices.DeleteFunc(slices.Clone(o.GetOwnerReferences()), func(ref metav1.OwnerReference) bool {
			return slices.Contains(uids, ref.UID)
		})
		return patchMetadata(plan, o, types.MergePatchType, replaceOwners(o, kept), why)
	}
	gone := make([]any, len(uids))
	for i, uid := range uids {
		gone[i] = map[string]any{"$patch": "delete", "uid": uid}
	}
	return patchMetadata(plan, o, types.StrategicMergePatchType, mergeOwners(o, gone), why)
}

// unblockOwners clears blockOwnerDeletion in an object's owner references.
func unblockOwners(plan *reconcile.Plan, req reconcile.Request, o reconcile.Object) error {
	const why = "it and a dependent may wait for each other"
	refs := slices.Clone(o.GetOwnerReferences())
	var blocking []any
	for i, ref := range refs {
		if ref.BlockOwnerDeletion != nil && *ref.BlockOwnerDeletion {
			refs[i].BlockOwnerDeletion = ptr.To(false)
			blocking = append(blocking, refs[i])
		}
	}
	if len(blocking) == 0 {
		return nil
	}
	if apierrors.IsUnsupportedMediaType(req.LastErr) {
		return patchMetadata(plan, o, types.MergePatchType, replaceOwners(o, refs), why)
	}
	return patchMetadata(plan, o, types.StrategicMergePatchType, mergeOwners(o, blocking), why)
}

// removeFinalizer takes one finalizer off an object.
func removeFinalizer(plan *reconcile.Plan, o reconcile.Object, finalizer, why string) error {
	kept := slices.DeleteFunc(slices.Clone(o.GetFinalizers()), func(f string) bool { return f == finalizer })
	return patchMetadata(plan, o, types.MergePatchType, map[string]any{
		"resourceVersion": o.GetResourceVersion(),
		"finalizers":      kept,
	}, why)
}

func mergeOwners(o reconcile.Object, refs []any) map[string]any {
	return map[string]any{"uid": o.GetUID(), "ownerReferences": refs}
}

func replaceOwners(o reconcile.Object, refs []metav1.OwnerReference) map[string]any {
	return map[string]any{"resourceVersion": o.GetResourceVersion(), "ownerReferences": refs}
}

func patchMetadata(plan *reconcile.Plan, o reconcile.Object, t types.PatchType, metadata map[string]any, why string) error {
	patch, err := json.Marshal(map[string]any{"metadata": metadata})
	if err != nil {
		return fmt.Errorf("encode patch of %s: %w", reconcile.KeyOf(o), err)
	}
	plan.Patch(o, t, patch, why)
	return nil
}
