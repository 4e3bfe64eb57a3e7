package apiserver

import (
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/minik8s/minik8s/kinds"
)

// apply is server-side apply: the patch is all that its manager wants of the
// object. What the manager wanted before and leaves out now goes, unless
// somebody else wants it too; what another manager has set differently is a
// conflict, unless the request takes it by force. An object that does not
// exist is created.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers (applyPatcher), the same merge, from apimachinery's managedfields package; objects that only the simulator's own components have written belong to "before-first-apply".
func (c *call) apply(opts *metav1.PatchOptions) error {
	if _, err := yaml.ToJSON(c.req.Patch); err != nil {
		return apierrors.NewBadRequest(fmt.Sprintf("error encoding patch: %v", err))
	}
	if c.req.Subresource == "scale" {
		return c.applyScale(opts)
	}
	strategy, err := c.updateStrategy()
	if err != nil {
		return err
	}
	stored := c.tx.Get(c.GroupResource, c.req.Namespace, c.req.Name)
	if stored == nil {
		if c.req.Subresource != "" {
			return c.notFound()
		}
		return c.applyNew(opts)
	}
	current, err := c.current(stored)
	if err != nil {
		return err
	}
	obj, err := c.applied(current, opts)
	if err != nil {
		return err
	}
	return c.replace(stored, obj, strategy)
}

// applyNew creates the object that is applied. That needs the right to create.
func (c *call) applyNew(opts *metav1.PatchOptions) error {
	obj, err := c.applied(c.New(), opts)
	if err != nil {
		return err
	}
	if err := c.authorizeCreation(); err != nil {
		return err
	}
	c.response.Created = true
	wipeSystemFields(obj)
	return c.createObject(obj)
}

// applied is an object with the patch applied and its managers noted, in the
// stored version.
func (c *call) applied(current kinds.Object, opts *metav1.PatchOptions) (kinds.Object, error) {
	manager, err := c.fieldManager()
	if err != nil {
		return nil, fmt.Errorf("managing fields: %w", err)
	}
	times := managerTimes{}
	live := shallow(current)
	live.SetManagedFields(times.hide(current.GetManagedFields()))
	merged, err := c.applyTo(live, manager.Apply, opts)
	if err != nil {
		return nil, err
	}
	obj, err := c.mergedForRules(merged)
	if err != nil {
		return nil, err
	}
	obj.SetManagedFields(times.restore(obj.GetManagedFields(), seconds(c.now)))
	c.fieldsAreManaged = true
	if uid := obj.GetUID(); uid != "" && current.GetUID() == "" {
		return nil, c.conflict(fmt.Errorf("uid mismatch: the provided object specified uid %s, and no existing object was found", uid))
	}
	if err := c.ensureNamespace(obj); err != nil {
		return nil, err
	}
	if obj.GetName() != c.req.Name {
		return nil, c.nameMismatch(obj)
	}
	return obj, nil
}

// applyTo reads the patch and merges it into live.
func (c *call) applyTo(live runtime.Object, merge func(live, patch runtime.Object, manager string, force bool) (runtime.Object, error), opts *metav1.PatchOptions) (runtime.Object, error) {
	patch := &unstructured.Unstructured{Object: map[string]any{}}
	if err := yaml.Unmarshal(c.req.Patch, &patch.Object); err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("error decoding patch: %v", err))
	}
	merged, err := merge(live, patch, opts.FieldManager, opts.Force != nil && *opts.Force)
	if err != nil {
		return nil, err
	}
	validation := c.fieldValidation(opts)
	if validation != metav1.FieldValidationStrict && validation != metav1.FieldValidationWarn {
		return merged, nil
	}
	if err := yaml.UnmarshalStrict(c.req.Patch, &map[string]any{}); err != nil {
		if validation == metav1.FieldValidationStrict {
			return nil, apierrors.NewBadRequest(fmt.Sprintf("error strict decoding patch: %v", err))
		}
		c.response.Warnings = append(c.response.Warnings, StrictWarnings([]error{err})...)
	}
	return merged, nil
}
