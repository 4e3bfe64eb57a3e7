package custom

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
)

// Definitions are the CustomResourceDefinitions of one world at one moment.
// They are frozen.
type Definitions interface {
	// Definition returns one by its name, "plural.group", or nil.
	Definition(name string) *apiextensionsv1.CustomResourceDefinition
	// Definitions lists all, in the order of their names.
	Definitions() []*apiextensionsv1.CustomResourceDefinition
}

// World is the registry of one world: the built-in kinds and those that its
// definitions make. Finding a built-in kind does not look at definitions.
type World struct {
	kinds       *Kinds
	definitions Definitions
}

// All lists the built-in kinds, then the custom ones that are served, each in
// the version that it is stored in.
func (w World) All() []*kinds.Kind {
	builtIn := w.kinds.builtIn.All()
	custom := w.Custom()
	if len(custom) == 0 {
		return builtIn
	}
	return append(builtIn[:len(builtIn):len(builtIn)], custom...)
}

// Custom lists the custom kinds that are served, each in the version that it
// is stored in.
func (w World) Custom() []*kinds.Kind {
	var all []*kinds.Kind
	for _, crd := range w.definitions.Definitions() {
		if k := w.kinds.of(crd); k != nil {
			all = append(all, k)
		}
	}
	return all
}

// ByResource finds a kind by group and plural name. A custom one is in the
// version that it is stored in.
func (w World) ByResource(gr schema.GroupResource) (*kinds.Kind, bool) {
	if k, ok := w.kinds.builtIn.ByResource(gr); ok {
		return k, true
	}
	crd := w.definitions.Definition(gr.String())
	if crd == nil || gr.Group == "" {
		return nil, false
	}
	k := w.kinds.of(crd)
	return k, k != nil
}

// ByKind finds a kind by group and kind. A custom one is in the version that
// it is stored in.
func (w World) ByKind(gk schema.GroupKind) (*kinds.Kind, bool) {
	if k, ok := w.kinds.builtIn.ByKind(gk); ok {
		return k, true
	}
	for _, crd := range w.definitions.Definitions() {
		if crd.Spec.Group == gk.Group && crd.Status.AcceptedNames.Kind == gk.Kind {
			if k := w.kinds.of(crd); k != nil {
				return k, true
			}
		}
	}
	return nil, false
}

// Of finds the kind of an object: by its Go type, else by what it says it is.
// A custom one is in the object's version.
func (w World) Of(o kinds.Object) (*kinds.Kind, bool) {
	if k, ok := w.kinds.builtIn.Of(o); ok {
		return k, true
	}
	gvk := o.GetObjectKind().GroupVersionKind()
	k, ok := w.ByKind(gvk.GroupKind())
	if !ok {
		return nil, false
	}
	if own := k.Custom.Version(gvk.Version); own != nil {
		return own, true
	}
	return nil, false
}
