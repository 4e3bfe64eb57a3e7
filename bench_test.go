package minik8s_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/reconcile"
)

const webDeployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: %s}
spec:
  replicas: %d
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: "nginx:%s"}]}
`

const benchNamespace = `{apiVersion: v1, kind: Namespace, metadata: {name: bench}}`

// BenchmarkNewUntilReady is from nothing to a Ready node.
func BenchmarkNewUntilReady(b *testing.B) {
	for b.Loop() {
		settled(b, minik8s.Options{})
	}
}

// BenchmarkDeployment is from `apply` until all replicas are available, on
// 100 nodes.
func BenchmarkDeployment(b *testing.B) {
	for _, replicas := range []int{1_000, 10_000} {
		b.Run(fmt.Sprint(replicas), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				c := settled(b, minik8s.Options{Nodes: 100})
				apply(b, c, benchNamespace)
				b.StartTimer()
				deploy(b, c, replicas, "1.22")
				b.StopTimer()
				b.ReportMetric(heapMB(), "MB-live")
				b.ReportMetric(float64(c.Store().Revision()), "writes")
				runtime.KeepAlive(c)
				b.StartTimer()
			}
		})
	}
}

// BenchmarkRollingUpdate is from a new image until the rollout is complete.
func BenchmarkRollingUpdate(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		c := settled(b, minik8s.Options{Nodes: 100})
		apply(b, c, benchNamespace)
		deploy(b, c, 1_000, "1.22")
		b.StartTimer()
		deploy(b, c, 1_000, "1.23")
	}
}

// BenchmarkDeleteNamespace is from the deletion of a namespace that holds
// 1,000 Pods until it is gone.
func BenchmarkDeleteNamespace(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		c := settled(b, minik8s.Options{Nodes: 100})
		apply(b, c, benchNamespace)
		deploy(b, c, 1_000, "1.22")
		b.StartTimer()
		remove(b, c, reconcile.Namespaces.GroupResource, "", "bench")
		settle(b, c)
		b.StopTimer()
		if _, left := reconcile.Namespaces.Get(viewOf(c), reconcile.Key{Name: "bench"}); left {
			b.Fatal("the namespace is still there")
		}
		b.StartTimer()
	}
}

// BenchmarkStep is one turn in a small world.
func BenchmarkStep(b *testing.B) {
	c := settled(b, minik8s.Options{})
	apply(b, c, fmt.Sprintf(webDeployment, "default", 3, "1.22"))
	for b.Loop() {
		if _, err := c.Step(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTravel is At and Fork, in a small world and a large one.
func BenchmarkTravel(b *testing.B) {
	for _, replicas := range []int{1, 1_000} {
		c := settled(b, minik8s.Options{Nodes: 100})
		apply(b, c, benchNamespace)
		deploy(b, c, replicas, "1.22")
		b.Run(fmt.Sprintf("Fork/%d", replicas), func(b *testing.B) {
			for b.Loop() {
				c.Fork()
			}
		})
		b.Run(fmt.Sprintf("At/%d", replicas), func(b *testing.B) {
			revision := c.Store().Revision() / 2
			for b.Loop() {
				if _, err := c.At(revision); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkIdleDay is a day in which nothing but heartbeats happens.
func BenchmarkIdleDay(b *testing.B) {
	c := settled(b, minik8s.Options{})
	for b.Loop() {
		if _, err := c.Advance(24 * time.Hour); err != nil {
			b.Fatal(err)
		}
	}
}
