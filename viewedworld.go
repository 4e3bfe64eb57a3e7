package minik8s

import (
	"slices"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/apiserver/admission/policy"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/kinds/custom"
	"github.com/minik8s/minik8s/reconcile"
)

// viewedWorld finds kinds in the world that a component sees, which may be an
// older one with other CustomResourceDefinitions.
type viewedWorld struct {
	builtIn *kinds.Registry
	kinds   *custom.Kinds
}

func worldOf(builtIn *kinds.Registry) viewedWorld {
	return viewedWorld{builtIn, custom.New(builtIn)}
}

func (w viewedWorld) in(v reconcile.View) custom.World { return w.kinds.In(viewedDefinitions{v}) }

// viewedDefinitions are the CustomResourceDefinitions of a view.
type viewedDefinitions struct{ reconcile.View }

// Definition implements custom.Definitions.
func (d viewedDefinitions) Definition(name string) *apiextensionsv1.CustomResourceDefinition {
	crd, _ := reconcile.CustomResourceDefinitions.Get(d.View, reconcile.Key{Name: name})
	return crd
}

// Definitions implements custom.Definitions.
func (d viewedDefinitions) Definitions() []*apiextensionsv1.CustomResourceDefinition {
	return reconcile.CustomResourceDefinitions.List(d.View)
}

// custom implements controllers.CustomResources.
func (w viewedWorld) custom(v reconcile.View) []schema.GroupVersionResource {
	var all []schema.GroupVersionResource
	for _, k := range w.in(v).Custom() {
		all = append(all, k.GroupVersion().WithResource(k.Resource))
	}
	return all
}

// namespaced implements controllers.CustomResources for those in namespaces.
func (w viewedWorld) namespaced(v reconcile.View) []schema.GroupVersionResource {
	var all []schema.GroupVersionResource
	for _, k := range w.in(v).Custom() {
		if k.Namespaced {
			all = append(all, k.GroupVersion().WithResource(k.Resource))
		}
	}
	return all
}

// restMapping implements controllers.RESTMapping.
func (w viewedWorld) restMapping(v reconcile.View, gvk schema.GroupVersionKind) (schema.GroupResource, bool, bool) {
	k, ok := w.builtIn.ByKind(gvk.GroupKind())
	if !ok {
		k, ok = w.in(v).ByKind(gvk.GroupKind())
	}
	if !ok || !k.IsStored() || !serves(k, gvk.Version) {
		return schema.GroupResource{}, false, false
	}
	return k.GroupResource(), k.Namespaced, true
}

// scale implements controllers.CustomScales.
func (w viewedWorld) scale(v reconcile.View, resource schema.GroupResource, key reconcile.Key) (uid types.UID, replicas int32, scalable bool, err error) {
	k, ok := w.in(v).ByResource(resource)
	if !ok || k.Custom == nil || k.Scale == nil {
		return "", 0, false, nil
	}
	obj, ok := v.Get(resource, key)
	if !ok {
		return "", 0, true, nil
	}
	served, err := k.Custom.FromStorage(obj)
	if err != nil {
		return "", 0, true, err
	}
	if err := k.Scale.Check(served[0]); err != nil {
		return "", 0, true, err
	}
	replicas, _, _ = k.Scale.Replicas(served[0])
	return obj.GetUID(), replicas, true, nil
}

// policyTypes implements controllers.CheckPolicyTypes.
func (w viewedWorld) policyTypes(v reconcile.View, p *admissionregistrationv1.ValidatingAdmissionPolicy) []admissionregistrationv1.ExpressionWarning {
	return policy.TypeWarnings(p, w.in(v))
}

// serves says whether a kind is served in a version.
func serves(k *kinds.Kind, version string) bool {
	if k.Custom != nil {
		own := k.Custom.Version(version)
		return own != nil && own.Custom.Served
	}
	return version == k.Version || slices.Contains(k.Versions, version)
}
