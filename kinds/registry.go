package kinds

import (
	"reflect"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Registry finds a kind by what a caller has in hand. It is never changed
// once made.
type Registry struct {
	all        []*Kind
	byResource map[schema.GroupResource]*Kind
	byKind     map[schema.GroupKind]*Kind
	byType     map[reflect.Type]*Kind
}

// NewRegistry returns a registry of the given kinds, in that order.
func NewRegistry(all []*Kind) *Registry {
	allowPrivileged()
	r := &Registry{
		all:        all,
		byResource: make(map[schema.GroupResource]*Kind, len(all)),
		byKind:     make(map[schema.GroupKind]*Kind, len(all)),
		byType:     make(map[reflect.Type]*Kind, len(all)),
	}
	for _, k := range all {
		r.byResource[k.GroupResource()] = k
		r.byKind[k.GroupKind()] = k
		for _, gv := range k.Aliases {
			r.byResource[schema.GroupResource{Group: gv.Group, Resource: k.Resource}] = k
			r.byKind[schema.GroupKind{Group: gv.Group, Kind: k.Kind}] = k
		}
		r.byType[reflect.TypeOf(k.New())] = k
	}
	return r
}

// All lists the kinds in registration order.
func (r *Registry) All() []*Kind { return r.all }

// ByResource finds a kind by group, which may be an alias, and plural name.
func (r *Registry) ByResource(gr schema.GroupResource) (*Kind, bool) {
	k, ok := r.byResource[gr]
	return k, ok
}

// ByKind finds a kind by group, which may be an alias, and kind.
func (r *Registry) ByKind(gk schema.GroupKind) (*Kind, bool) {
	k, ok := r.byKind[gk]
	return k, ok
}

// Of finds the kind of an object: by its Go type, else by what it says it is.
func (r *Registry) Of(o Object) (*Kind, bool) {
	if k, ok := r.byType[reflect.TypeOf(o)]; ok {
		return k, true
	}
	return r.ByKind(o.GetObjectKind().GroupVersionKind().GroupKind())
}
