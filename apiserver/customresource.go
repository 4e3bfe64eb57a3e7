package apiserver

import (
	"fmt"
	"iter"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/kinds/custom"
	"github.com/minik8s/minik8s/store"
)

// World is the registry of the world as it is now: built-in kinds and those
// that its CustomResourceDefinitions make.
func (s *Server) World() custom.World { return s.WorldAt(s.Store.Snapshot()) }

// WorldAt is the registry of the world as it was in one of its snapshots.
func (s *Server) WorldAt(snapshot *store.Snapshot) custom.World {
	return s.custom.In(storedDefinitions{snapshot})
}

// storedDefinitions are the CustomResourceDefinitions of a snapshot, or of a
// transaction.
type storedDefinitions struct{ objects }

type objects interface {
	Get(gr schema.GroupResource, namespace, name string) *store.Object
	List(gr schema.GroupResource, namespace string) iter.Seq[*store.Object]
}

// Definition implements custom.Definitions.
func (d storedDefinitions) Definition(name string) *apiextensionsv1.CustomResourceDefinition {
	o := d.Get(customResourceDefinitions, "", name)
	if o == nil {
		return nil
	}
	return o.Value.(*apiextensionsv1.CustomResourceDefinition)
}

// Definitions implements custom.Definitions.
func (d storedDefinitions) Definitions() []*apiextensionsv1.CustomResourceDefinition {
	return definitionsOf(d.List(customResourceDefinitions, ""))
}

func definitionsOf(objects iter.Seq[*store.Object]) []*apiextensionsv1.CustomResourceDefinition {
	var all []*apiextensionsv1.CustomResourceDefinition
	for o := range objects {
		all = append(all, o.Value.(*apiextensionsv1.CustomResourceDefinition))
	}
	return all
}

// customResource is what a definition has the server serve under a name, in
// one version, or nil.
func (s *Server) customResource(gvr schema.GroupVersionResource) *resource {
	k, ok := s.World().ByResource(gvr.GroupResource())
	if !ok || k.Custom == nil {
		return nil
	}
	if gvr.Version != "" {
		if k = k.Custom.Version(gvr.Version); k == nil || !k.Custom.Served {
			return nil
		}
	}
	r := newResource(k)
	r.admission = s.anyAdmission
	return r
}

// current is a stored object as the kind's rules want to see it: a custom
// resource in the version of the request. It is frozen.
func (c *call) current(stored *store.Object) (kinds.Object, error) {
	if c.conversions != nil {
		if obj := c.conversions.known[stored]; obj != nil {
			return obj, nil
		}
	}
	return asServed(c.Kind, stored)
}

func asServed(k *kinds.Kind, stored *store.Object) (kinds.Object, error) {
	obj := stored.Value.(kinds.Object)
	if k.Custom == nil {
		return obj, nil
	}
	all, err := k.Custom.FromStorage(obj)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// decoded is the body of a write in the version of the request, with the
// fields that its schema has, and with defaults.
func (c *call) decoded(in runtime.Object) (kinds.Object, error) {
	u, err := c.asUnstructured(in)
	if err != nil {
		return nil, err
	}
	if u.GroupVersionKind().GroupVersion() != c.GroupVersion() {
		if u, err = c.Custom.Convert(u, c.GroupVersion()); err != nil {
			return nil, err
		}
	}
	if _, err := c.Custom.Coerce(u, false); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	c.Default(u)
	return u, nil
}

// mergedForRules is what an apply made of an object, with defaults. A custom
// resource keeps its nulls: unlike what is sent with another verb, one where
// there can be none is refused when the object is validated.
//
// Upstream: k8s.io/apimachinery/pkg/util/managedfields (NewDefaultCRDFieldManager), whose merged objects are defaulted and not decoded.
func (c *call) mergedForRules(merged runtime.Object) (kinds.Object, error) {
	u, ok := merged.(*unstructured.Unstructured)
	if c.Custom == nil || !ok {
		return c.forRules(merged)
	}
	if err := c.Custom.CoerceMetadata(u); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	c.Default(u)
	return u, nil
}

// asUnstructured also takes the Go types that an author of a controller has
// for a custom resource.
func (c *call) asUnstructured(in runtime.Object) (*unstructured.Unstructured, error) {
	u, ok := in.(*unstructured.Unstructured)
	if !ok {
		fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(in)
		if err != nil {
			return nil, c.wrongBody(in)
		}
		u = &unstructured.Unstructured{Object: fields}
	}
	if u.GroupVersionKind().Empty() {
		u.SetGroupVersionKind(c.GroupVersionKind)
	}
	return u, nil // validation says what is wrong about another kind
}

// storable is an object as it goes into the store: what was applied loses the
// nulls that its schema does not speak of.
func (c *call) storable(obj kinds.Object) (kinds.Object, error) {
	if c.Custom == nil {
		return obj, nil
	}
	if c.req.PatchType == types.ApplyYAMLPatchType {
		if _, err := c.Custom.Coerce(obj.(*unstructured.Unstructured), false); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
	}
	return c.Custom.ToStorage(obj)
}

// isStoredAs says whether a write of obj would store what is there already. An
// object may look the same to a client, but lack a default in the store or, if
// it is a custom resource, be there in an old version; then it is written again.
func (c *call) isStoredAs(obj kinds.Object, stored *store.Object) bool {
	if c.Custom == nil {
		return stored.Version > 1 || c.ReadsMore == nil || !c.ReadsMore(obj)
	}
	again, err := c.storable(obj)
	return err == nil && unchanged(again, stored.Value.(kinds.Object))
}

// refuseWhileTerminating keeps a definition that is being deleted from
// getting new objects.
func (c *call) refuseWhileTerminating(obj kinds.Object) error {
	if c.Custom == nil || !c.Custom.Terminating {
		return nil
	}
	return c.forbidden(obj.GetName(), fmt.Errorf("create not allowed while custom resource definition is terminating"))
}
