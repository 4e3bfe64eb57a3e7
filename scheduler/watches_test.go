package scheduler

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

func TestPodChangesThatWake(t *testing.T) {
	waits := func() *corev1.Pod { return aPod("web", "1", "1Gi") }
	runs := func() *corev1.Pod { return bound(aPod("web", "1", "1Gi"), "node-1") }
	with := func(pod *corev1.Pod, change func(*corev1.Pod)) *corev1.Pod { change(pod); return pod }
	gated := func(p *corev1.Pod) { p.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "a"}} }
	going := func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: epoch} }
	phase := func(f corev1.PodPhase) func(*corev1.Pod) { return func(p *corev1.Pod) { p.Status.Phase = f } }
	var none *corev1.Pod
	for _, tt := range []struct {
		name          string
		before, after *corev1.Pod
		wakes         bool
	}{
		{"created waiting", none, waits(), true},
		{"created gated", none, with(waits(), gated), false},
		{"created bound", none, runs(), false},
		{"created for another scheduler", none, with(waits(), func(p *corev1.Pod) { p.Spec.SchedulerName = "mine" }), false},
		{"gates removed", with(waits(), gated), waits(), true},
		{"bound", waits(), runs(), false},
		{"said to be unschedulable", waits(), with(waits(), func(p *corev1.Pod) {
			p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse}}
		}), false},
		{"labelled while waiting", waits(), with(waits(), func(p *corev1.Pod) { p.Labels = map[string]string{"a": "b"} }), false},
		{"tolerates more while waiting", waits(), with(waits(), func(p *corev1.Pod) {
			p.Spec.Tolerations = []corev1.Toleration{{Operator: corev1.TolerationOpExists}}
		}), true},
		{"deleted while waiting", waits(), none, false},
		{"terminating while waiting", waits(), with(waits(), going), false},
		{"starts to run", runs(), with(runs(), phase(corev1.PodRunning)), false},
		{"terminating", runs(), with(runs(), going), false},
		{"succeeded", with(runs(), phase(corev1.PodRunning)), with(runs(), phase(corev1.PodSucceeded)), true},
		{"failed", with(runs(), phase(corev1.PodRunning)), with(runs(), phase(corev1.PodFailed)), true},
		{"failed before", with(runs(), phase(corev1.PodFailed)), with(with(runs(), phase(corev1.PodFailed)), going), false},
		{"deleted", runs(), none, true},
		{"deleted after it ended", with(runs(), phase(corev1.PodSucceeded)), none, false},
		{"resized down", runs(), with(runs(), func(p *corev1.Pod) {
			p.Spec.Containers[0].Resources.Requests[corev1.ResourceCPU] = resource.MustParse("500m")
		}), true},
		{"resized up", runs(), with(runs(), func(p *corev1.Pod) {
			p.Spec.Containers[0].Resources.Requests[corev1.ResourceCPU] = resource.MustParse("2")
		}), false},
	} {
		require.Equal(t, tt.wakes, wakes(reconcile.Pods.GroupResource.Resource, object(tt.before), object(tt.after)), tt.name)
	}
}

func TestNodeChangesThatWake(t *testing.T) {
	changed := func(change func(*corev1.Node)) *corev1.Node {
		n := aNode("node-1", "4", "8Gi")
		change(n)
		return n
	}
	node := changed(func(*corev1.Node) {})
	var none *corev1.Node
	for _, tt := range []struct {
		name          string
		before, after *corev1.Node
		wakes         bool
	}{
		{"created", none, node, true},
		{"deleted", node, none, false},
		{"heartbeat", node, changed(func(n *corev1.Node) {
			n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, LastHeartbeatTime: metav1.NewTime(epoch)}}
		}), false},
		{"image pulled", node, changed(func(n *corev1.Node) { n.Status.Images = []corev1.ContainerImage{{}} }), false},
		{"cordoned or not", node, changed(func(n *corev1.Node) { n.Spec.Unschedulable = true }), true},
		{"tainted or not", node, changed(func(n *corev1.Node) { n.Spec.Taints = []corev1.Taint{{Key: "a"}} }), true},
		{"labelled", node, changed(func(n *corev1.Node) { n.Labels = map[string]string{"a": "b"} }), true},
		{"more room", node, changed(func(n *corev1.Node) {
			n.Status.Allocatable[corev1.ResourceCPU] = resource.MustParse("8")
		}), true},
		{"same room, written otherwise", node, changed(func(n *corev1.Node) {
			n.Status.Allocatable[corev1.ResourceCPU] = resource.MustParse("4000m")
		}), false},
	} {
		require.Equal(t, tt.wakes, wakes(reconcile.Nodes.GroupResource.Resource, object(tt.before), object(tt.after)), tt.name)
	}
}

// object turns a nil pointer into the nil that stands for "not there".
func object[T any, P interface {
	*T
	reconcile.Object
}](p P) reconcile.Object {
	if p == nil {
		return nil
	}
	return p
}

func wakes(resource string, before, after reconcile.Object) bool {
	for _, w := range New().Watches {
		if w.Resource.Resource == resource && w.When(before, after) {
			return true
		}
	}
	return false
}
