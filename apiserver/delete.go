package apiserver

import (
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

func (c *call) delete() error {
	if c.req.Subresource != "" {
		return c.methodNotSupported()
	}
	opts := c.req.DeleteOptions
	if opts == nil {
		opts = &metav1.DeleteOptions{}
	}
	if errs := validation.ValidateDeleteOptions(opts); len(errs) > 0 {
		return apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: "DeleteOptions"}, "", errs)
	}
	c.warnOfOrphans(opts)
	stored := c.tx.Get(c.GroupResource, c.req.Namespace, c.req.Name)
	if stored == nil {
		return c.notFound()
	}
	switch c.GroupResource {
	case namespaces:
		return c.deleteNamespace(stored, opts)
	case customResourceDefinitions:
		return c.deleteDefinition(stored, opts)
	}
	return c.deleteObject(stored, opts)
}

// deleteObject removes an object at once, or marks it as being deleted if it
// has a finalizer or its kind grants a grace period, be it of no length.
func (c *call) deleteObject(stored *store.Object, opts *metav1.DeleteOptions) error {
	old, err := c.current(stored)
	if err != nil {
		return err
	}
	if err := c.checkPreconditions(old, opts.Preconditions); err != nil {
		return err
	}
	obj := shallow(old)
	graceful, pending := c.startGracefulDeletion(obj, opts)
	if pending {
		c.answerDeletion(old)
		return errNothingToCommit
	}
	if c.req.Verb != Create { // admission was asked about an eviction before
		if err := c.admitWhole(admission.Delete, nil, old); err != nil {
			return err
		}
	}
	c.setDeletionFinalizers(obj, opts)
	waits := len(obj.GetFinalizers()) > 0
	switch {
	case waits && !graceful:
		c.markAsDeleting(obj)
	case !waits && !graceful:
		return c.removeAtOnce(stored, old, opts)
	}
	if unchanged(obj, old) {
		c.response.Object = old
		return errNothingToCommit
	}
	if err := c.put(obj, stored.ModRevision); err != nil {
		return err
	}
	if !waits && *obj.GetDeletionGracePeriodSeconds() == 0 {
		c.thenRemove(obj)
	}
	return nil
}

// removeAtOnce removes an object that has no grace period. Finalizers that the
// deletion drops are not written for that. Upstream loses sight of an object
// that had some: it has no revision then for a precondition to hold, and a dry
// run shows an empty one.
func (c *call) removeAtOnce(stored *store.Object, old kinds.Object, opts *metav1.DeleteOptions) error {
	c.answerRemoval(old, c.tx.Revision())
	if len(old.GetFinalizers()) == 0 {
		return c.remove(stored)
	}
	if c.dryRun {
		c.response.Object = c.Blank()
	} else if p := opts.Preconditions; p != nil && p.ResourceVersion != nil {
		return c.preconditionFailed("ResourceVersion", "", old.GetResourceVersion())
	}
	return c.remove(stored)
}

// thenRemove has an object that was just stored removed right after. Watchers
// see both: that its grace has come to nothing, and that it is gone.
func (c *call) thenRemove(obj kinds.Object) {
	c.answerRemoval(obj, c.tx.Revision()+1)
	if c.dryRun {
		return
	}
	c.followUps = append(c.followUps, followUp{c.resource, c.req.User, func(next *call) error {
		return next.remove(next.tx.Get(next.GroupResource, obj.GetNamespace(), obj.GetName()))
	}})
}

// checkPreconditions refuses the deletion of an object that is not the one
// that the client has seen.
func (c *call) checkPreconditions(obj kinds.Object, p *metav1.Preconditions) error {
	if p == nil {
		return nil
	}
	// Upstream names the kind where the resource belongs, and so does this.
	kind := schema.GroupResource{Group: c.GroupVersionKind.Group, Resource: c.GroupVersionKind.Kind}
	if p.UID != nil && *p.UID != obj.GetUID() {
		return apierrors.NewConflict(kind, obj.GetName(), fmt.Errorf("the UID in the precondition (%s) does not match the UID in record (%s). The object might have been deleted and then recreated", *p.UID, obj.GetUID()))
	}
	if p.ResourceVersion != nil && *p.ResourceVersion != obj.GetResourceVersion() {
		return apierrors.NewConflict(kind, obj.GetName(), fmt.Errorf("the ResourceVersion in the precondition (%s) does not match the ResourceVersion in record (%s). The object might have been modified", *p.ResourceVersion, obj.GetResourceVersion()))
	}
	return nil
}

// remove takes an object out of the store and gives back what it held.
func (c *call) remove(stored *store.Object) error {
	if c.dryRun {
		return nil
	}
	if c.allocator != nil {
		c.allocator.release(c, stored.Value.(kinds.Object))
	}
	return c.tx.Delete(c.GroupResource, stored.Namespace, stored.Name, stored.ModRevision, c.req.Origin)
}

// answerRemoval is the answer about an object that goes with a revision.
func (c *call) answerRemoval(obj kinds.Object, revision int64) {
	c.response.Removed = true
	if c.ReturnsDeleted && !c.dryRun {
		obj = asDeleted(obj, revision)
	}
	c.answerDeletion(obj)
}

// answerDeletion is the answer about an object that is gone, or that has been
// on its way before.
func (c *call) answerDeletion(obj kinds.Object) {
	if c.ReturnsDeleted {
		c.response.Object = obj
		return
	}
	c.response.Object = &metav1.Status{
		Status: metav1.StatusSuccess,
		Details: &metav1.StatusDetails{
			Name:  obj.GetName(),
			Group: c.named().Group,
			Kind:  c.named().Resource, // as upstream has it
			UID:   obj.GetUID(),
		},
	}
}
