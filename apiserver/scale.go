package apiserver

import (
	"fmt"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver/admission"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

var scaleKind = autoscalingv1.SchemeGroupVersion.WithKind("Scale")

// scaleOf shows an object through its scale subresource.
func (c *call) scaleOf(obj kinds.Object) *autoscalingv1.Scale {
	spec, status, selector := c.Scale.Replicas(obj)
	return &autoscalingv1.Scale{
		TypeMeta: metav1.TypeMeta{Kind: "Scale", APIVersion: "autoscaling/v1"},
		ObjectMeta: metav1.ObjectMeta{
			Name:              obj.GetName(),
			Namespace:         obj.GetNamespace(),
			UID:               obj.GetUID(),
			ResourceVersion:   obj.GetResourceVersion(),
			CreationTimestamp: obj.GetCreationTimestamp(),
		},
		Spec:   autoscalingv1.ScaleSpec{Replicas: spec},
		Status: autoscalingv1.ScaleStatus{Replicas: status, Selector: selector},
	}
}

func (c *call) updateScale() error {
	scale, ok := c.req.Object.(*autoscalingv1.Scale)
	if !ok {
		return apierrors.NewBadRequest(fmt.Sprintf("expected input object type to be Scale, but %T", c.req.Object))
	}
	if scale.Name != c.req.Name {
		return c.nameMismatch(scale)
	}
	stored, err := c.scalable()
	if err != nil {
		return err
	}
	return c.writeScale(stored, scale)
}

// admitScale shows admission the scale alone, and takes over what it makes of
// the replicas.
func (c *call) admitScale(a *admission.Attributes, obj kinds.Object) error {
	if err := c.admission.Admit(a); err != nil {
		return err
	}
	return c.Scale.Set(obj, a.Object.(*autoscalingv1.Scale).Spec.Replicas)
}

// checkScale says why an object cannot be shown as a scale.
func (c *call) checkScale(obj kinds.Object) error {
	if c.Scale.Check == nil {
		return nil
	}
	return c.Scale.Check(obj)
}

// scalable is the stored object that the request wants to scale.
func (c *call) scalable() (*store.Object, error) {
	if c.Scale == nil {
		return nil, noSuchResource(c.req)
	}
	stored := c.tx.Get(c.GroupResource, c.req.Namespace, c.req.Name)
	if stored == nil {
		return nil, c.notFound()
	}
	return stored, nil
}

// writeScale notes who manages the replicas from now on, and sets them.
func (c *call) writeScale(stored *store.Object, scale *autoscalingv1.Scale) error {
	old, err := c.current(stored)
	if err != nil {
		return err
	}
	if !c.tracksFields() {
		return c.setScale(stored, scale, old.GetManagedFields())
	}
	m, err := c.scaleManagers(old)
	if err != nil {
		return err
	}
	entries, err := m.afterUpdate(scale)
	if err != nil {
		return err
	}
	return c.setScale(stored, scale, entries)
}

// setScale writes the replicas of a scale, and the managers of the object's
// fields, into the object behind it.
func (c *call) setScale(stored *store.Object, scale *autoscalingv1.Scale, managers []metav1.ManagedFieldsEntry) error {
	old, err := c.current(stored)
	if err != nil {
		return err
	}
	if errs := kinds.ValidateScale(scale, c.scaleOf(old)); len(errs) > 0 {
		return apierrors.NewInvalid(schema.GroupKind{Group: autoscalingv1.GroupName, Kind: "Scale"}, old.GetName(), errs)
	}
	if uid := scale.UID; uid != "" && uid != old.GetUID() {
		resource := schema.GroupResource{Group: c.GroupResource.Group, Resource: c.GroupResource.Resource + "/scale"}
		//lint:ignore ST1005 upstream's text
		return apierrors.NewConflict(resource, old.GetName(), fmt.Errorf("Precondition failed: UID in precondition: %v, UID in object meta: %v", uid, old.GetUID()))
	}
	obj := old.DeepCopyObject().(kinds.Object)
	if err := c.Scale.Set(obj, scale.Spec.Replicas); err != nil {
		return err
	}
	if scale.ResourceVersion != "" {
		obj.SetResourceVersion(scale.ResourceVersion)
	}
	obj.SetManagedFields(managers)
	c.fieldsAreManaged = true
	err = c.replace(stored, obj, &kinds.Subresource{PrepareUpdate: c.PrepareUpdate, ValidateUpdate: c.ValidateUpdate})
	if now, ok := c.response.Object.(kinds.Object); ok {
		c.response.Object = c.scaleOf(now)
	}
	return err
}
