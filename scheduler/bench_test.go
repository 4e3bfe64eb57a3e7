package scheduler

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// A Deployment of 1,000 replicas on 100 nodes, in one turn.
func BenchmarkScheduleThousand(b *testing.B) {
	benchmarkTurn(b, viewOf(b, manyNodes(100), manyPods(1000, nowhere)), 1000)
}

// The same, when every pod and every node gives the rules something to do.
func BenchmarkScheduleThousandPicky(b *testing.B) {
	nodes, pods := manyNodes(100), manyPods(1000, nowhere)
	for i, n := range nodes {
		n.Labels = map[string]string{"zone": fmt.Sprint("z", i%3), "disk": "ssd"}
		n.Spec.Taints = []corev1.Taint{{Key: "old", Effect: corev1.TaintEffectPreferNoSchedule}}
	}
	for _, p := range pods {
		p.Spec.NodeSelector = map[string]string{"disk": "ssd"}
		p.Spec.Affinity = preferring("zone", "z1")
	}
	benchmarkTurn(b, viewOf(b, nodes, pods), 1000)
}

// 1,000 pods that fit on none of 100 nodes.
func BenchmarkUnschedulableThousand(b *testing.B) {
	pods := manyPods(1000, nowhere)
	for _, p := range pods {
		p.Spec.Containers[0].Resources = aPod("", "64", "1Gi").Spec.Containers[0].Resources
	}
	benchmarkTurn(b, viewOf(b, manyNodes(100), pods), 0)
}

// One pod joins 10,000 that run: what a turn costs before it decides anything.
func BenchmarkScheduleOneAmongTenThousand(b *testing.B) {
	nodes := manyNodes(100)
	pods := manyPods(10_000, func(i int) string { return nodes[i%100].Name })
	pods = append(pods, aPod("new", "100m", "128Mi"))
	benchmarkTurn(b, viewOf(b, nodes, pods), 1)
}

// The Snapshot of 10,000 pods on 100 nodes alone.
func BenchmarkSnapshot(b *testing.B) {
	nodes := manyNodes(100)
	v := viewOf(b, nodes, manyPods(10_000, func(i int) string { return nodes[i%100].Name }))
	b.ReportAllocs()
	for b.Loop() {
		newSnapshot(reconcile.Nodes.List(v), reconcile.Pods.List(v), "")
	}
}

func benchmarkTurn(b *testing.B, v reconcile.View, binds int) {
	scheduler := New()
	b.ReportAllocs()
	for b.Loop() {
		plan, err := scheduler.Reconcile(v, reconcile.Request{Key: reconcile.Single})
		if err != nil || countBinds(plan) != binds {
			b.Fatalf("%d binds, error %v", countBinds(plan), err)
		}
	}
}

func countBinds(plan reconcile.Plan) int {
	n := 0
	for _, c := range plan.Calls {
		if c.Verb == reconcile.Bind {
			n++
		}
	}
	return n
}

func preferring(key, value string) *corev1.Affinity {
	return &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
		PreferredDuringSchedulingIgnoredDuringExecution: []corev1.PreferredSchedulingTerm{{
			Weight: 10,
			Preference: corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{
				{Key: key, Operator: corev1.NodeSelectorOpIn, Values: []string{value}},
			}},
		}},
	}}
}
