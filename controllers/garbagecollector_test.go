package controllers

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view/decisiontest"
)

// collectedResources are those that the tests of the garbage collector know.
func collectedResources() []schema.GroupResource {
	return []schema.GroupResource{
		reconcile.Events.GroupResource, // has to be ignored
		reconcile.Nodes.GroupResource,
		reconcile.Pods.GroupResource,
		reconcile.ConfigMaps.GroupResource,
		reconcile.Deployments.GroupResource,
		reconcile.ReplicaSets.GroupResource,
	}
}

// noCustomResources is a world without CustomResourceDefinitions.
func noCustomResources(reconcile.View) []schema.GroupVersionResource { return nil }

func testMapping(_ reconcile.View, gvk schema.GroupVersionKind) (gr schema.GroupResource, namespaced, ok bool) {
	switch gvk {
	case schema.GroupVersionKind{Version: "v1", Kind: "Node"}:
		return reconcile.Nodes.GroupResource, false, true
	case schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}:
		return reconcile.ConfigMaps.GroupResource, true, true
	case schema.GroupVersionKind{Version: "v1", Kind: "Pod"}:
		return reconcile.Pods.GroupResource, true, true
	case schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"}:
		return reconcile.Deployments.GroupResource, true, true
	case schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "ReplicaSet"}:
		return reconcile.ReplicaSets.GroupResource, true, true
	}
	return gr, false, false
}

func TestGarbageCollector(t *testing.T) {
	decisiontest.Run(t, "testdata/garbagecollector", GarbageCollector(collectedResources(), noCustomResources, testMapping))
}
