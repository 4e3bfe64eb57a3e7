package apiserver

import (
	"bytes"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/kinds"
)

// Most objects are written by one program all their lives, and keep their
// shape. Its entry in managedFields is then always the same, and need not be
// worked out anew. This file sees to that case; manage does all others.

// manageWholeNew notes that a program made a new object, if it does not say
// itself who manages it.
func (c *call) manageWholeNew(obj kinds.Object) (done bool, err error) {
	if obj.GetManagedFields() != nil || c.req.Subresource != "" {
		return false, nil
	}
	fields, err := c.wholeFields(obj, shapeOf(obj))
	if fields == nil {
		return false, err
	}
	obj.SetManagedFields([]metav1.ManagedFieldsEntry{c.updated(fields)})
	return true, nil
}

// manageWhole notes a change by the program that manages all of an object. It
// takes no fields over and gives none up, as long as the shape stays.
func (c *call) manageWhole(obj, old kinds.Object) (done bool, err error) {
	entries := old.GetManagedFields()
	if len(entries) != 1 || c.req.Subresource != "" || !c.isOwnEntry(&entries[0]) {
		return false, nil
	}
	if sent := obj.GetManagedFields(); sent != nil && !slices.EqualFunc(sent, entries, kinds.SameManager) {
		return false, nil
	}
	shape := shapeOf(obj)
	if !bytes.Equal(shape, shapeOf(old)) {
		return false, nil
	}
	fields, err := c.wholeFields(obj, shape)
	if fields == nil || !bytes.Equal(fields.Raw, entries[0].FieldsV1.Raw) {
		return false, err
	}
	obj.SetManagedFields([]metav1.ManagedFieldsEntry{c.updated(fields)})
	return true, nil
}

// updated is the entry of a program that has just written.
func (c *call) updated(fields *metav1.FieldsV1) metav1.ManagedFieldsEntry {
	now := seconds(c.now)
	return metav1.ManagedFieldsEntry{
		Manager: c.managerName(), Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: c.requested().String(),
		Time: &now, FieldsType: "FieldsV1", FieldsV1: fields,
	}
}

func (c *call) isOwnEntry(e *metav1.ManagedFieldsEntry) bool {
	return e.Operation == metav1.ManagedFieldsOperationUpdate && e.Subresource == "" && e.FieldsV1 != nil &&
		e.Manager == c.managerName() && e.APIVersion == c.requested().String()
}
