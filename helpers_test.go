package minik8s_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view"
)

func settled(tb testing.TB, o minik8s.Options) *minik8s.Cluster {
	tb.Helper()
	c, err := minik8s.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	settle(tb, c)
	return c
}

func settle(tb testing.TB, c *minik8s.Cluster) {
	tb.Helper()
	if _, err := c.Settle(time.Hour); err != nil {
		tb.Fatal(err)
	}
}

func apply(tb testing.TB, c *minik8s.Cluster, manifest string) {
	tb.Helper()
	if err := c.Apply(manifest); err != nil {
		tb.Fatal(err)
	}
}

// deploy applies the Deployment and settles, and fails if it is not complete.
func deploy(tb testing.TB, c *minik8s.Cluster, replicas int, tag string) {
	tb.Helper()
	apply(tb, c, fmt.Sprintf(webDeployment, "bench", replicas, tag))
	settle(tb, c)
	d, _ := reconcile.Deployments.Get(viewOf(c), reconcile.Key{Namespace: "bench", Name: "web"})
	if !complete(d, replicas) {
		tb.Fatalf("not complete: %+v", d.Status)
	}
}

func complete(d *appsv1.Deployment, replicas int) bool {
	s := d.Status
	return s.ObservedGeneration == d.Generation && s.Replicas == int32(replicas) && s.UpdatedReplicas == s.Replicas && s.AvailableReplicas == s.Replicas
}

func viewOf(c *minik8s.Cluster) reconcile.View { return view.New(c.Store().Snapshot(), c.Now()) }

func heapMB() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// remove deletes an object as an administrator would.
func remove(tb testing.TB, c *minik8s.Cluster, gr schema.GroupResource, namespace, name string) {
	tb.Helper()
	kind, _ := c.Kinds().ByResource(gr)
	_, err := c.Do(apiserver.Request{
		Verb: apiserver.Delete, Resource: kind.GroupVersion().WithResource(gr.Resource), Namespace: namespace, Name: name,
		User: apiserver.User{Name: "tester", Groups: []string{"system:masters"}},
	})
	if err != nil {
		tb.Fatal(err)
	}
}
