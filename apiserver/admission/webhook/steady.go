package webhook

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	upstream "k8s.io/apiserver/pkg/admission"
)

// steady is a request without what differs when it is tried again a little
// later: what the server draws from the revision, and the clock.
func steady(v *upstream.VersionedAttributes) *upstream.VersionedAttributes {
	lasting := *v
	if o, err := meta.Accessor(v.VersionedObject.Object()); err == nil && o.GetGenerateName() != "" {
		lasting.Attributes = unnamed{v.Attributes}
	}
	lasting.VersionedObject.Set(withoutDraws(v.VersionedObject.Object()))
	lasting.VersionedOldObject.Set(v.VersionedOldObject.Object())
	return &lasting
}

// unnamed is a request for an object whose name is drawn.
type unnamed struct{ upstream.Attributes }

// GetName implements upstream.Attributes.
func (unnamed) GetName() string { return "" }

func withoutDraws(obj runtime.Object) runtime.Object {
	if obj == nil {
		return nil
	}
	obj = obj.DeepCopyObject()
	o, err := meta.Accessor(obj)
	if err != nil {
		return obj
	}
	o.SetUID("")
	o.SetCreationTimestamp(metav1.Time{})
	o.SetManagedFields(nil)
	if o.GetGenerateName() != "" {
		o.SetName("")
	}
	return obj
}
