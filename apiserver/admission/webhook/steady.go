package webhook

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	upstream "k8s.io/apiserver/pkg/admission"
)

// steady is a request without what differs when it is tried again a little
// later: what the server takes from the clock.
func steady(v *upstream.VersionedAttributes) *upstream.VersionedAttributes {
	lasting := *v
	lasting.VersionedObject.Set(withoutTimes(v.VersionedObject.Object()))
	lasting.VersionedOldObject.Set(v.VersionedOldObject.Object())
	return &lasting
}

func withoutTimes(obj runtime.Object) runtime.Object {
	if obj == nil {
		return nil
	}
	obj = obj.DeepCopyObject()
	if o, err := meta.Accessor(obj); err == nil {
		o.SetCreationTimestamp(metav1.Time{})
		o.SetManagedFields(nil)
	}
	return obj
}
