package custom

import (
	"strconv"

	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/minik8s/minik8s/kinds"
)

// fromStorage shows stored objects as this version. An object that was
// stored before the definition last changed may lack defaults, or have fields
// that are gone; those are mended in what is shown, not in the store.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver (crdConversionRESTOptionsGetter), for requests: components of the simulator see objects as they are stored.
func (c *conversion) fromStorage(stored ...kinds.Object) ([]kinds.Object, error) {
	mended := make([]*unstructured.Unstructured, len(stored))
	for i, obj := range stored {
		u, err := c.mended(obj.(*unstructured.Unstructured))
		if err != nil {
			return nil, err
		}
		mended[i] = u
	}
	converted, err := c.inVersion(c.groupVersion(), mended...)
	if err != nil {
		return nil, err
	}
	all := make([]kinds.Object, len(converted))
	for i, u := range converted {
		all[i] = u
	}
	return all, nil
}

// mended is a stored object as the schema of today has it, in the version that
// it is stored in.
func (c *conversion) mended(stored *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	if revisionOf(stored) > c.definition {
		return stored, nil
	}
	from, ok := c.versions[stored.GroupVersionKind().Version]
	if !ok {
		return nil, invalidVersion("from", stored.GroupVersionKind().GroupVersion())
	}
	u := stored.DeepCopy()
	if _, err := from.coerce(u, false); err != nil {
		return nil, err
	}
	from.applyDefaults(u)
	return u, nil
}

// toStorage turns an object of this version into what is stored. What comes
// of another version gets the defaults of the version that it is stored in.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver (crdConversionRESTOptionsGetter), which fills those defaults in whenever it reads the object, and stores them with the next update.
func (c *conversion) toStorage(obj kinds.Object) (kinds.Object, error) {
	sent, storage := obj.(*unstructured.Unstructured), c.versions[c.storage]
	all, err := c.inVersion(storage.groupVersion(), sent)
	if err != nil {
		return nil, err
	}
	if all[0] != sent {
		storage.applyDefaults(all[0])
	}
	return all[0], nil
}

// applyDefaults fills in the defaults of the object's own version.
func (v *version) applyDefaults(obj kinds.Object) {
	u := obj.(*unstructured.Unstructured)
	defaulting.Default(u.Object, v.schema())
}

// revisionOf is the revision of an object's last write, or zero.
func revisionOf(obj metav1.Object) int64 {
	n, err := strconv.ParseInt(obj.GetResourceVersion(), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
