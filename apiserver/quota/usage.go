package quota

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	quotav1 "k8s.io/apiserver/pkg/quota/v1"
	"k8s.io/apiserver/pkg/quota/v1/generic"
	"k8s.io/client-go/tools/cache"
)

// Usage measures what all objects in a quota's namespace use up of what the
// quota limits. resources are all that may have objects there.
func (w World) Usage(resources []schema.GroupResource, q *corev1.ResourceQuota) (corev1.ResourceList, error) {
	var evaluators []quotav1.Evaluator
	for _, gr := range resources {
		if !Ignores(gr) {
			evaluators = append(evaluators, w.Evaluator(gr))
		}
	}
	return quotav1.CalculateUsage(q.Namespace, q.Spec.Scopes, q.Spec.Hard, generic.NewRegistry(evaluators), q.Spec.ScopeSelector)
}

// lister gives evaluators the world as the informers that they expect.
func (w World) lister(gvr schema.GroupVersionResource) (cache.GenericLister, error) {
	return lister{world: w, resource: gvr.GroupResource()}, nil
}

// lister lists one resource. Evaluators list everything in a namespace, and ask
// nothing else of it.
type lister struct {
	cache.GenericLister
	world    World
	resource schema.GroupResource
}

// ByNamespace implements cache.GenericLister.
func (l lister) ByNamespace(namespace string) cache.GenericNamespaceLister {
	return namespaceLister{lister: l, namespace: namespace}
}

type namespaceLister struct {
	cache.GenericNamespaceLister
	lister    lister
	namespace string
}

// List implements cache.GenericNamespaceLister.
func (l namespaceLister) List(labels.Selector) ([]runtime.Object, error) {
	return l.lister.world.List(l.lister.resource, l.namespace), nil
}
