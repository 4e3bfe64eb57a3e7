package controllers

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view/decisiontest"
)

// namespacedResources are those that the tests of whole namespaces know.
func namespacedResources() []schema.GroupVersionResource {
	return []schema.GroupVersionResource{
		{Version: "v1", Resource: "configmaps"},
		{Version: "v1", Resource: "events"},
		{Version: "v1", Resource: "pods"},
		{Version: "v1", Resource: "serviceaccounts"},
		{Group: "apps", Version: "v1", Resource: "deployments"},
		{Group: "apps", Version: "v1", Resource: "replicasets"},
	}
}

func TestNamespace(t *testing.T) {
	decisiontest.Run(t, "testdata/namespace", Namespace(namespacedResources(), noCustomResources))
}

// terminating is a namespace that was deleted ten seconds ago.
func terminating(name string) stored {
	return stored{reconcile.Namespaces.GroupResource, &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{Name: name, DeletionTimestamp: ptr.To(metav1.NewTime(time.Date(2026, 1, 1, 0, 0, 50, 0, time.UTC)))},
		Spec:       corev1.NamespaceSpec{Finalizers: []corev1.FinalizerName{corev1.FinalizerKubernetes}},
	}}
}

// BenchmarkNamespace is the first turn for a namespace with 1,000 Pods.
func BenchmarkNamespace(b *testing.B) {
	v := worldOf(b, append(manyPods(1000), terminating("dev"))...)
	c := Namespace(namespacedResources(), noCustomResources)
	for b.Loop() {
		plan, err := c.Reconcile(v, reconcile.Request{Key: reconcile.Key{Name: "dev"}})
		if err != nil || len(plan.Calls) != 1001 {
			b.Fatalf("got %d calls, want 1000 deletes and a status: %v", len(plan.Calls), err)
		}
	}
}
