package match

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
	upstream "k8s.io/apiserver/pkg/admission"

	"github.com/minik8s/minik8s/apiserver/admission"
)

// Request is a request in the words of upstream's admission.
type Request struct {
	*admission.Attributes
	record upstream.Attributes
}

// Of reads a request. It must be read again after its object was replaced.
func Of(a *admission.Attributes) *Request {
	namespace := a.Namespace
	if a.Resource.Group == namespaces.Group && a.Resource.Resource == namespaces.Resource {
		namespace = a.Name // a namespace is in itself
	}
	return &Request{Attributes: a, record: upstream.NewAttributesRecord(
		a.Object, a.OldObject, a.Kind, namespace, a.Name, a.Resource, a.Subresource,
		upstream.Operation(a.Operation), a.Options, a.DryRun, a.User.Info(),
	)}
}

// Record is the request as upstream's functions take it. Its objects are of
// the stored version.
func (r *Request) Record() upstream.Attributes { return r.record }

// In shows the request's objects in the version of a target.
func (r *Request) In(kind schema.GroupVersionKind) (*upstream.VersionedAttributes, error) {
	versioned := &upstream.VersionedAttributes{Attributes: r.record, VersionedKind: kind}
	if r.OldObject != nil {
		old, err := r.InVersion(r.OldObject, kind)
		if err != nil {
			return nil, err
		}
		versioned.VersionedOldObject.Set(old)
	}
	if r.Object != nil {
		obj, err := r.InVersion(r.Object, kind)
		if err != nil {
			return nil, err
		}
		versioned.VersionedObject.Set(obj)
	}
	return versioned, nil
}
