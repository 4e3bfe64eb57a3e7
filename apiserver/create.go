package apiserver

import (
	"errors"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

var errResourceVersionOnCreate = errors.New("resourceVersion should not be set on objects to be created")

func (c *call) create() error {
	switch {
	case c.isBinding || c.req.Subresource == "binding":
		return c.bind()
	case c.req.Subresource != "":
		return c.methodNotSupported()
	}
	obj, err := c.body()
	if err != nil {
		return err
	}
	if c.req.Name != "" && c.req.Name != obj.GetName() {
		return c.nameMismatch(obj)
	}
	if err := c.ensureNamespace(obj); err != nil {
		return err
	}
	return c.createManaged(obj)
}

// createManaged notes who creates the object, and creates it.
func (c *call) createManaged(obj kinds.Object) error {
	wipeSystemFields(obj)
	c.dedupOwnerReferences(obj, beforeAdmission)
	if err := c.manageNew(obj); err != nil {
		return err
	}
	return c.createObject(obj)
}

// createObject takes a new object of the storage version, with its defaults
// and managers, the rest of the way.
func (c *call) createObject(obj kinds.Object) error {
	if err := c.refuseWhileTerminating(obj); err != nil {
		return err
	}
	if err := c.admit(admission.Create, obj, nil); err != nil {
		return err
	}
	c.dedupOwnerReferences(obj, afterAdmission)
	if err := c.checkEscalation(obj, nil); err != nil {
		return err
	}
	c.fillSystemFields(obj)
	if err := c.generateName(obj); err != nil {
		return err
	}
	if c.allocator != nil {
		if err := c.allocator.create(c, obj); err != nil {
			return err
		}
	}
	if c.PrepareCreate != nil {
		c.PrepareCreate(obj)
	}
	c.req.Name = obj.GetName()
	if c.Attribute != nil {
		c.Attribute(obj, userInfo(c.req.User))
	}
	if c.Stamp != nil {
		c.Stamp(obj, nil, c.now)
	}
	var errs field.ErrorList
	if c.Validate != nil {
		errs = c.Validate(obj)
	}
	if c.rights != nil {
		errs = c.rights(c, obj, nil, errs)
	}
	if len(errs) > 0 {
		return c.invalidObject(obj, errs)
	}
	c.warn(obj, nil)
	if c.Canonicalize != nil {
		c.Canonicalize(obj)
	}
	if err := c.validateAdmission(admission.Create, obj, nil); err != nil {
		return err
	}
	if !c.dryRun && saysRevision(obj) {
		return errResourceVersionOnCreate
	}
	c.reread(obj)
	err := c.put(obj, 0)
	if errors.Is(err, store.ErrExists) {
		return c.alreadyExists(obj)
	}
	return err
}

// saysRevision is why upstream's storage (etcd3, store.Create) refuses a new
// object. It takes what is no number for none, and is not asked in a dry run.
func saysRevision(obj kinds.Object) bool {
	revision, err := strconv.ParseUint(obj.GetResourceVersion(), 10, 64)
	return err == nil && revision != 0
}

func (c *call) alreadyExists(obj kinds.Object) error {
	err := apierrors.NewAlreadyExists(c.named(), obj.GetName())
	if obj.GetGenerateName() != "" {
		err = apierrors.NewGenerateNameConflict(c.named(), obj.GetName(), 1)
	}
	existing := c.tx.Get(c.GroupResource, obj.GetNamespace(), obj.GetName())
	if existing.Value.(kinds.Object).GetDeletionTimestamp() != nil {
		err.ErrStatus.Message = "object is being deleted: " + err.ErrStatus.Message
	}
	return err
}

// warn tells the client what it may not have meant. Components do not read
// warnings.
func (c *call) warn(obj, old kinds.Object) {
	if c.Warnings != nil && c.req.Origin.Turn == 0 {
		c.response.Warnings = append(c.response.Warnings, c.Warnings(obj, old)...)
	}
}
