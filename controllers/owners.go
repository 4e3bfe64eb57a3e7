package controllers

import (
	"encoding/json"
	"fmt"
	"maps"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/reconcile"
)

// claimer decides which objects a controller owns: those that name it as
// their controller and match its selector, and those that match and have no
// controller yet.
//
// Upstream: pkg/controller (BaseControllerRefManager), without reading the controller once more from the API before it adopts: the API refuses a patch whose object has gone, and the garbage collector removes what a deleted controller has adopted.
type claimer struct {
	controller reconcile.Object
	kind       schema.GroupVersionKind
	selector   labels.Selector
}

// claim plans the adoption of orphans that match and the release of owned
// objects that no longer do, and returns what the controller owns once the
// plan has been carried out. A controller that is being deleted neither
// adopts nor releases.
func claim[T reconcile.Object](c claimer, plan *reconcile.Plan, objects []T) ([]T, error) {
	claimed := make([]T, 0, len(objects))
	for _, o := range objects {
		owned, err := c.claimOne(plan, o)
		if err != nil {
			return nil, fmt.Errorf("claim %s: %w", reconcile.KeyOf(o), err)
		}
		if owned {
			claimed = append(claimed, o)
		}
	}
	return claimed, nil
}

func (c claimer) claimOne(plan *reconcile.Plan, o reconcile.Object) (bool, error) {
	ref := metav1.GetControllerOfNoCopy(o)
	if ref != nil && ref.UID != c.controller.GetUID() {
		return false, nil
	}
	matches := c.selector.Matches(labels.Set(o.GetLabels()))
	deleting := c.controller.GetDeletionTimestamp() != nil
	switch {
	case ref != nil && matches:
		return true, nil
	case deleting:
		return false, nil
	case ref != nil:
		return false, c.release(plan, o)
	case matches && o.GetDeletionTimestamp() == nil:
		return true, c.adopt(plan, o)
	}
	return false, nil
}

// The patches carry the object's UID, so that they cannot hit another object
// that has come under the same name.

func (c claimer) adopt(plan *reconcile.Plan, o reconcile.Object) error {
	ref := metav1.NewControllerRef(c.controller, c.kind)
	return patchOwner(plan, o, ref, "adopt: it matches the selector and has no controller")
}

func (c claimer) release(plan *reconcile.Plan, o reconcile.Object) error {
	ref := map[string]string{"$patch": "delete", "uid": string(c.controller.GetUID())}
	return patchOwner(plan, o, ref, "release: its labels no longer match the selector")
}

// patchOwner plans a strategic merge patch of one owner reference.
func patchOwner(plan *reconcile.Plan, o reconcile.Object, ref any, why string) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"uid":             o.GetUID(),
		"ownerReferences": []any{ref},
	}})
	if err != nil {
		return fmt.Errorf("encode owner reference: %w", err)
	}
	plan.Patch(o, types.StrategicMergePatchType, patch, why)
	return nil
}

// selects says whether a controller's selector matches the labels. A selector
// that is missing, empty or invalid matches nothing.
func selects(selector *metav1.LabelSelector, set map[string]string) bool {
	s, err := metav1.LabelSelectorAsSelector(selector)
	return err == nil && !s.Empty() && s.Matches(labels.Set(set))
}

// orphanMayMatch holds for the changes after which an object without a
// controller could be adopted: it is new, or its labels or its controller have
// changed.
func orphanMayMatch(before, after reconcile.Object) bool {
	if after == nil || metav1.GetControllerOfNoCopy(after) != nil {
		return false
	}
	return before == nil || metav1.GetControllerOfNoCopy(before) != nil ||
		!maps.Equal(before.GetLabels(), after.GetLabels())
}
