package wire

import (
	"fmt"
	"net/http"
	"reflect"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1beta1 "k8s.io/apimachinery/pkg/apis/meta/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
)

// representation is how the objects of one endpoint are shown to one client.
type representation struct {
	*output
	endpoint  *endpoint
	table     *tableView // nil unless a Table is wanted
	encodings *encodings
}

// represent works out a client's wishes. Errors are 400 or 406.
func (s *server) represent(r *http.Request, e *endpoint) (*representation, error) {
	out, err := negotiate(r, resourceRestrictions{tables: e.hasTable(), custom: e.kind.Custom != nil})
	if err != nil {
		return nil, err
	}
	rep := &representation{output: out, endpoint: e, encodings: s.encodings}
	if out.convert != nil && out.convert.Kind == "Table" {
		if rep.table, err = newTableView(r, e, s.Now); err != nil {
			return nil, err
		}
	}
	return rep, nil
}

// object shows one stored object.
func (rep *representation) object(obj runtime.Object) (runtime.Object, error) {
	if status, ok := obj.(*metav1.Status); ok {
		return withKind(status, metav1.Unversioned.WithKind("Status")), nil
	}
	switch {
	case rep.convert == nil:
		return versioned(obj, rep.endpoint.body)
	case rep.table != nil:
		return rep.table.of([]runtime.Object{obj}, metav1.ListMeta{ResourceVersion: revisionOf(obj)}, rep.convert.GroupVersion(), false)
	case rep.convert.Kind == "PartialObjectMetadataList":
		return nil, notAcceptable("you requested PartialObjectMetadataList, but the requested object is not a list (%s)", rep.endpoint.goType(rep.endpoint.body))
	}
	return partial(obj, rep.convert.GroupVersion())
}

// list shows a list of stored objects.
func (rep *representation) list(items []runtime.Object, m metav1.ListMeta) (runtime.Object, error) {
	switch {
	case rep.convert == nil:
		return versionedList(items, m, rep.endpoint)
	case rep.table != nil:
		return rep.table.of(items, m, rep.convert.GroupVersion(), true)
	case rep.convert.Kind == "PartialObjectMetadata":
		return nil, notAcceptable("you requested PartialObjectMetadata, but the requested object is a list (%s)", rep.endpoint.goType(rep.endpoint.list()))
	}
	return partialList(items, m, rep.convert.GroupVersion())
}

// goType is how upstream names what it holds of a kind.
func (e *endpoint) goType(gvk schema.GroupVersionKind) string {
	switch {
	case !e.isCustom():
		return "*" + kinds.InternalName(gvk)
	case gvk == e.list():
		return "*unstructured.UnstructuredList"
	}
	return "*unstructured.Unstructured"
}

// versioned shows a stored object as the kind that a client speaks. The
// result shares memory with the object and is as frozen as that.
func versioned(obj runtime.Object, as schema.GroupVersionKind) (runtime.Object, error) {
	if obj.GetObjectKind().GroupVersionKind() == as {
		return obj, nil
	}
	converted, err := kinds.Convert(obj, as.GroupVersion())
	if err != nil {
		return nil, err
	}
	return withKind(converted, as), nil
}

// withKind is a copy of an object that says what it is. What the object
// points to is shared.
func withKind(obj runtime.Object, gvk schema.GroupVersionKind) runtime.Object {
	if obj.GetObjectKind().GroupVersionKind() == gvk {
		return obj
	}
	out := shallow(obj)
	out.GetObjectKind().SetGroupVersionKind(gvk)
	return out
}

func shallow(obj runtime.Object) runtime.Object {
	from := reflect.ValueOf(obj).Elem()
	to := reflect.New(from.Type())
	to.Elem().Set(from)
	return to.Interface().(runtime.Object)
}

// versionedList makes a typed list. Items in a list do not say what they are.
func versionedList(items []runtime.Object, m metav1.ListMeta, e *endpoint) (runtime.Object, error) {
	if e.isCustom() {
		return customList(items, m, e), nil
	}
	list, err := kinds.Scheme().New(e.list())
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", e.path(), err)
	}
	into, err := meta.GetItemsPtr(list)
	if err != nil {
		return nil, fmt.Errorf("listing %s: %w", e.path(), err)
	}
	slice := reflect.ValueOf(into).Elem()
	slice.Set(reflect.MakeSlice(slice.Type(), len(items), len(items)))
	for i, item := range items {
		converted, err := versioned(item, e.body)
		if err != nil {
			return nil, err
		}
		place := slice.Index(i)
		place.Set(reflect.ValueOf(converted).Elem())
		place.FieldByName("TypeMeta").SetZero()
	}
	list.GetObjectKind().SetGroupVersionKind(e.list())
	setListMeta(list.(metav1.ListInterface), m)
	return list, nil
}

func setListMeta(list metav1.ListInterface, m metav1.ListMeta) {
	list.SetResourceVersion(m.ResourceVersion)
	list.SetContinue(m.Continue)
	list.SetRemainingItemCount(m.RemainingItemCount)
}

// partial is an object's metadata alone.
func partial(obj runtime.Object, gv schema.GroupVersion) (*metav1.PartialObjectMetadata, error) {
	m, err := meta.Accessor(obj)
	if err != nil {
		return nil, err
	}
	if object, ok := obj.(kinds.Object); ok {
		m = kinds.Metadata(object)
	}
	out := meta.AsPartialObjectMetadata(m)
	out.SetGroupVersionKind(gv.WithKind("PartialObjectMetadata"))
	return out, nil
}

func partialList(items []runtime.Object, m metav1.ListMeta, gv schema.GroupVersion) (runtime.Object, error) {
	var partials []metav1.PartialObjectMetadata // null if there are none
	if len(items) > 0 {
		partials = make([]metav1.PartialObjectMetadata, len(items))
	}
	for i, item := range items {
		p, err := partial(item, gv)
		if err != nil {
			return nil, err
		}
		partials[i] = *p
	}
	kind := metav1.TypeMeta{Kind: "PartialObjectMetadataList", APIVersion: gv.String()}
	if gv == metav1beta1.SchemeGroupVersion {
		return &metav1beta1.PartialObjectMetadataList{TypeMeta: kind, ListMeta: m, Items: partials}, nil
	}
	return &metav1.PartialObjectMetadataList{TypeMeta: kind, ListMeta: m, Items: partials}, nil
}

func revisionOf(obj runtime.Object) string {
	m, err := meta.Accessor(obj)
	if err != nil {
		return ""
	}
	return m.GetResourceVersion()
}

func notAcceptable(format string, args ...any) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status:  metav1.StatusFailure,
		Code:    http.StatusNotAcceptable,
		Reason:  metav1.StatusReasonNotAcceptable,
		Message: fmt.Sprintf(format, args...),
	}}
}
