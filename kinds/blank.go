package kinds

import "k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

// Blank is an object that nothing was read into, as upstream encodes it: a
// number that is optional in the stored version, and not in the internal one,
// is zero.
func (k *Kind) Blank() Object {
	if k.Custom != nil {
		obj := &unstructured.Unstructured{}
		obj.SetGroupVersionKind(k.GroupVersionKind)
		return obj
	}
	obj := k.New()
	obj.GetObjectKind().SetGroupVersionKind(k.GroupVersionKind)
	hub, err := toInternal(obj)
	if err != nil {
		return obj // of a kind without an internal version
	}
	if converted, err := Convert(hub, k.GroupVersion()); err == nil {
		obj = converted.(Object)
	}
	return obj
}
