package apiserver

import (
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"

	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/kinds"
)

// Registered implements admission.World.
func (w *lentWorld) Registered(gr schema.GroupResource) []kinds.Object {
	return w.registrations.of(w.Store)[gr]
}

// Ask implements admission.World.
func (w *lentWorld) Ask(q outside.Question) (outside.Answer, error) { return (*call)(w).ask(q) }

// FieldSchemas implements admission.World.
func (w *lentWorld) FieldSchemas() (managedfields.TypeConverter, error) {
	if w.Custom != nil && w.req.Subresource != "scale" {
		return w.Custom.FieldSchemas()
	}
	return fieldSchemas()
}

// Equivalents implements admission.World.
func (w *lentWorld) Equivalents() []schema.GroupVersionResource {
	k := w.Kind
	if w.isBinding {
		return []schema.GroupVersionResource{k.GroupVersion().WithResource(bindings.Resource)}
	}
	all := []schema.GroupVersionResource{k.GroupVersion().WithResource(k.Resource)}
	for _, v := range k.Versions {
		all = append(all, schema.GroupVersionResource{Group: k.Group, Version: v, Resource: k.Resource})
	}
	for _, alias := range k.Aliases {
		all = append(all, alias.WithResource(k.Resource))
	}
	return all
}

// InVersion implements admission.World.
func (w *lentWorld) InVersion(obj runtime.Object, kind schema.GroupVersionKind) (runtime.Object, error) {
	if obj.GetObjectKind().GroupVersionKind() == kind {
		return obj, nil
	}
	if u, ok := obj.(*unstructured.Unstructured); ok && w.Custom != nil {
		return w.Custom.Convert(u, kind.GroupVersion())
	}
	converted, err := kinds.Convert(obj, kind.GroupVersion())
	if err != nil {
		return nil, err
	}
	if converted == obj { // of that version, but it does not say so
		converted = obj.DeepCopyObject()
	}
	converted.GetObjectKind().SetGroupVersionKind(kind)
	return converted, nil
}

// isOfKind says that an object is one of the kind itself, rather than the body
// of a subresource such as a Binding.
func (w *lentWorld) isOfKind(obj runtime.Object) bool { return reflect.TypeOf(obj) == w.goType }

// Adopt implements admission.World.
func (w *lentWorld) Adopt(obj runtime.Object) error {
	into := w.attrs.Object
	if w.isOfKind(into) {
		stored, err := (*call)(w).forRules(obj)
		if err != nil {
			return (*call)(w).notConverted(obj, err)
		}
		obj = stored
	} else {
		kinds.Scheme().Default(obj)
	}
	if reflect.TypeOf(obj) != reflect.TypeOf(into) {
		return fmt.Errorf("a %T cannot take the place of a %T", obj, into)
	}
	reflect.ValueOf(into).Elem().Set(reflect.ValueOf(obj).Elem())
	return nil
}

// notConverted says in upstream's words why an object cannot take the place of
// one of the kind: a patch has made it another kind.
func (c *call) notConverted(obj runtime.Object, why error) error {
	internal, err := kinds.Scheme().New(c.GroupKind().WithVersion(runtime.APIVersionInternal))
	if err != nil {
		return why // a custom resource
	}
	if err := kinds.Scheme().Convert(obj, internal, nil); err != nil {
		return err
	}
	return why
}
