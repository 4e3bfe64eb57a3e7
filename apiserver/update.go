package apiserver

import (
	"fmt"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

func (c *call) update() error {
	if c.req.Subresource == "scale" {
		return c.updateScale()
	}
	strategy, err := c.updateStrategy()
	if err != nil {
		return err
	}
	obj, err := c.body()
	if err != nil {
		return err
	}
	if err := c.ensureNamespace(obj); err != nil {
		return err
	}
	if obj.GetName() != c.req.Name {
		return c.nameMismatch(obj)
	}
	c.dedupOwnerReferences(obj, beforeAdmission)
	stored := c.tx.Get(c.GroupResource, c.req.Namespace, c.req.Name)
	if stored == nil {
		if !c.AllowCreateOnUpdate || c.req.Subresource != "" {
			return c.notFound()
		}
		if err := c.checkUID(obj.GetUID(), ""); err != nil {
			return err
		}
		if err := c.authorizeCreation(); err != nil {
			return err
		}
		c.response.Created = true
		return c.createManaged(obj)
	}
	if err := c.checkUID(obj.GetUID(), stored.Value.(kinds.Object).GetUID()); err != nil {
		return err
	}
	return c.replace(stored, obj, strategy)
}

// checkUID refuses a write that is meant for an earlier object of that name.
func (c *call) checkUID(want, got types.UID) error {
	if want == "" || want == got {
		return nil
	}
	return c.preconditionFailed("UID", string(want), string(got))
}

// preconditionFailed is the conflict that upstream's storage finds.
func (c *call) preconditionFailed(what, want, got string) error {
	return c.conflict(fmt.Errorf("StorageError: invalid object, Code: 4, Key: %s, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: %s in precondition: %s, %s in object meta: %s", c.storageKey(), what, want, what, got))
}

// updateStrategy is what a subresource may change of an object, and its rules.
func (c *call) updateStrategy() (*kinds.Subresource, error) {
	switch {
	case c.req.Subresource == "":
		return &kinds.Subresource{PrepareUpdate: c.PrepareUpdate, ValidateUpdate: c.ValidateUpdate}, nil
	case c.req.Subresource == "status" && c.Status != nil:
		return c.Status, nil
	case c.req.Subresource == "finalize" && c.Finalize != nil:
		return c.Finalize, nil
	}
	if strategy := c.otherStrategy(); strategy != nil {
		return strategy, nil
	}
	return nil, noSuchResource(c.req)
}

// otherStrategy is that of a subresource which only this kind has, or nil.
func (c *call) otherStrategy() *kinds.Subresource {
	for _, o := range c.Others {
		if o.Name == c.req.Subresource {
			return o.Strategy
		}
	}
	return nil
}

// replace puts obj in the place of a stored object, or deletes that if obj
// drops the last thing which held it back.
func (c *call) replace(stored *store.Object, obj kinds.Object, strategy *kinds.Subresource) error {
	old, err := c.current(stored)
	if err != nil {
		return err
	}
	if err := c.manageChange(obj, old); err != nil {
		return err
	}
	if err := c.admit(admission.Update, obj, old); err != nil {
		return err
	}
	c.dedupOwnerReferences(obj, afterAdmission)
	if err := c.checkEscalation(obj, old); err != nil {
		return err
	}
	if err := c.checkResourceVersion(obj, stored.ModRevision); err != nil {
		return err
	}
	if c.allocator != nil && c.req.Subresource == "" {
		if err := c.allocator.update(c, obj, old); err != nil {
			return err
		}
	}
	if err := c.prepareUpdate(obj, old, strategy); err != nil {
		return err
	}
	if err := c.validateAdmission(admission.Update, obj, old); err != nil {
		return err
	}
	if isFinalized(obj, old) {
		c.response.Object = obj
		if c.allocator != nil {
			c.allocator.release(c, obj)
		}
		return c.remove(stored)
	}
	c.reread(obj)
	obj.SetResourceVersion(old.GetResourceVersion())
	if changesNothing(obj, old) && c.isStoredAs(obj, stored) {
		c.response.Object = old
		return errNothingToCommit
	}
	return c.put(obj, stored.ModRevision)
}

// checkResourceVersion is optimistic concurrency: the writer must have seen
// the current revision, unless the kind lets writers not say.
func (c *call) checkResourceVersion(obj kinds.Object, current int64) error {
	text := obj.GetResourceVersion()
	if text == "" || text == "0" {
		if c.AllowUnconditionalUpdate {
			obj.SetResourceVersion(strconv.FormatInt(current, 10)) // validation wants one
			return nil
		}
		// Upstream puts the resource where the kind belongs, and so does this.
		kind := schema.GroupKind{Group: c.named().Group, Kind: c.named().Resource}
		return apierrors.NewInvalid(kind, c.req.Name, field.ErrorList{
			field.Invalid(field.NewPath("metadata", "resourceVersion"), uint64(0), "must be specified for an update"),
		})
	}
	seen, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return err
	}
	if int64(seen) != current {
		return c.conflict(errModified)
	}
	return nil
}

// prepareUpdate carries over what an update cannot change, and validates.
func (c *call) prepareUpdate(obj, old kinds.Object, strategy *kinds.Subresource) error {
	obj.SetGeneration(old.GetGeneration())
	if !c.dryRun { // the store drops it, and nothing else does
		obj.SetSelfLink("")
	}
	if strategy.PrepareUpdate != nil {
		strategy.PrepareUpdate(obj, old)
	}
	if c.Stamp != nil {
		c.Stamp(obj, old, c.now)
	}
	if obj.GetUID() == "" {
		obj.SetUID(old.GetUID())
	}
	if created := old.GetCreationTimestamp(); !created.IsZero() {
		obj.SetCreationTimestamp(created)
	}
	if deleted := old.GetDeletionTimestamp(); !deleted.IsZero() {
		obj.SetDeletionTimestamp(deleted)
	}
	if grace := old.GetDeletionGracePeriodSeconds(); grace != nil && obj.GetDeletionGracePeriodSeconds() == nil {
		obj.SetDeletionGracePeriodSeconds(grace)
	}
	var errs field.ErrorList
	if strategy.ValidateUpdate != nil {
		errs = strategy.ValidateUpdate(obj, old)
	}
	if c.rights != nil {
		errs = c.rights(c, obj, old, errs)
	}
	if len(errs) > 0 {
		return c.invalidObject(obj, errs)
	}
	if c.req.Subresource == "" {
		c.warn(obj, old)
	}
	if c.Canonicalize != nil {
		c.Canonicalize(obj)
	}
	return nil
}
