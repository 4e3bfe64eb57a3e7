package apiserver

import (
	"fmt"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"

	"github.com/minik8s/minik8s/kinds"
)

// fieldMemo remembers what field management has worked out for one resource.
// All of it depends on the program alone, never on a world, so worlds share
// it; they may be in use at the same time.
type fieldMemo struct {
	mu       sync.Mutex
	managers map[managerKey]*managedfields.FieldManager
	// whole are the entries of managers that own all there is, by shape.
	whole map[string]*metav1.FieldsV1
}

type managerKey struct {
	requested   schema.GroupVersion
	subresource string
}

// maxShapes bounds the memo. Most programs write few shapes of one resource.
const maxShapes = 128

// fieldManager is upstream's, for the version and subresource of the request.
func (c *call) fieldManager() (*managedfields.FieldManager, error) {
	if c.Custom != nil {
		return c.customFieldManager()
	}
	key := managerKey{c.requested(), c.req.Subresource}
	c.fields.mu.Lock()
	defer c.fields.mu.Unlock()
	if m := c.fields.managers[key]; m != nil {
		return m, nil
	}
	m, err := newFieldManager(key.requested.WithKind(c.GroupVersionKind.Kind), c.GroupVersion(), key.subresource, c.resetFields())
	if err == nil {
		c.fields.managers[key] = m
	}
	return m, err
}

// wholeFields is what upstream's field manager has to say about all fields of
// an object of a shape when one program made it as it is. It is nil if that is
// not known to depend on the shape alone.
func (c *call) wholeFields(obj kinds.Object, shape []byte) (*metav1.FieldsV1, error) {
	if shape == nil {
		return nil, nil
	}
	// The version decides how fields are named.
	shape = append(append(shape, c.requested().Version...), c.req.Resource.Group...)
	if known, ok := c.fields.get(shape); ok {
		return known, nil
	}
	made := shallow(obj)
	made.SetManagedFields(nil)
	manager, err := c.fieldManager()
	if err != nil {
		return nil, fmt.Errorf("managing fields: %w", err)
	}
	if _, err := manager.Update(c.New(), made, "whoever"); err != nil {
		return nil, nil
	}
	var fields *metav1.FieldsV1
	if entries := made.GetManagedFields(); len(entries) == 1 {
		fields = entries[0].FieldsV1
	}
	c.fields.put(shape, fields)
	return fields, nil
}

func (m *fieldMemo) get(shape []byte) (*metav1.FieldsV1, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fields, ok := m.whole[string(shape)]
	return fields, ok
}

func (m *fieldMemo) put(shape []byte, fields *metav1.FieldsV1) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.whole) >= maxShapes {
		clear(m.whole)
	}
	m.whole[string(shape)] = fields
}

func newFieldMemo() *fieldMemo {
	return &fieldMemo{managers: map[managerKey]*managedfields.FieldManager{}, whole: map[string]*metav1.FieldsV1{}}
}
