package apiserver

import (
	"fmt"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/minik8s/minik8s/kinds"
)

// scaleManagers carries the managers of an object's replicas over to its
// scale, and back when the scale was written.
type scaleManagers struct {
	*call
	handler *managedfields.ScaleHandler
	times   managerTimes
	live    *autoscalingv1.Scale // with the managers of its replicas
}

func (c *call) scaleManagers(obj kinds.Object) (*scaleManagers, error) {
	replicas := managedfields.ResourcePathMappings{}
	for _, gv := range servedVersions(c.Kind) {
		replicas[gv.String()] = c.replicasPath(gv.Version)
	}
	m := &scaleManagers{call: c, times: managerTimes{}, live: c.scaleOf(obj)}
	m.handler = managedfields.NewScaleHandler(m.times.hide(obj.GetManagedFields()), c.requested(), replicas)
	var err error
	if m.live.ManagedFields, err = m.handler.ToSubresource(); err != nil {
		return nil, fmt.Errorf("managing fields: %w", err)
	}
	return m, nil
}

// replicasPath is where a version of the kind has its replicas, or nil.
func (c *call) replicasPath(version string) fieldpath.Path {
	names := []string{"spec", "replicas"}
	if c.Scale.Path != nil {
		names = c.Scale.Path(version)
	}
	var path fieldpath.Path
	for _, name := range names {
		path = append(path, fieldpath.PathElement{FieldName: &name})
	}
	return path
}

func (m *scaleManagers) fieldManager() (*managedfields.FieldManager, error) {
	return newFieldManager(m.live.GroupVersionKind(), autoscalingv1.SchemeGroupVersion, "scale", nil)
}

// afterUpdate returns the entries of the object after its scale was written.
func (m *scaleManagers) afterUpdate(scale *autoscalingv1.Scale) ([]metav1.ManagedFieldsEntry, error) {
	manager, err := m.fieldManager()
	if err != nil {
		return nil, err
	}
	scale.TypeMeta = m.live.TypeMeta
	if _, err := manager.Update(m.live, scale, m.managerName()); err != nil {
		scale.ManagedFields = m.live.ManagedFields
	}
	return m.entries(scale)
}

func (m *scaleManagers) entries(scale *autoscalingv1.Scale) ([]metav1.ManagedFieldsEntry, error) {
	entries, err := m.handler.ToParent(scale.ManagedFields)
	if err != nil {
		return nil, fmt.Errorf("managing fields: %w", err)
	}
	return m.times.restore(entries, seconds(m.now)), nil
}

// applyScale applies a scale to the object behind it.
func (c *call) applyScale(opts *metav1.PatchOptions) error {
	stored, err := c.scalable()
	if err != nil {
		return err
	}
	current, err := c.current(stored)
	if err != nil {
		return err
	}
	m, err := c.scaleManagers(current)
	if err != nil {
		return err
	}
	manager, err := m.fieldManager()
	if err != nil {
		return err
	}
	merged, err := c.applyTo(m.live, manager.Apply, opts)
	if err != nil {
		return err
	}
	scale := merged.(*autoscalingv1.Scale)
	entries, err := m.entries(scale)
	if err != nil {
		return err
	}
	return c.setScale(stored, scale, entries)
}
