package scheduler

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/minik8s/minik8s/reconcile"
)

// watches are the changes that can put a pod into the queue or make room for
// one that is in it. Everything else, above all the status of running pods and
// the heartbeats of nodes, leaves the scheduler asleep.
//
// Upstream: pkg/scheduler/backend/queue asks a hint of each plugin that refused a pod whether a change helps that pod, here any change that could help some pod wakes the whole queue.
func watches() []reconcile.Watch {
	return []reconcile.Watch{
		reconcile.Whole(reconcile.Pods.GroupResource).If(podChangeMatters),
		reconcile.Whole(reconcile.Nodes.GroupResource).If(nodeChangeMatters),
	}
}

// podChangeMatters holds when a pod joins the queue or is edited in it, and
// when a bound pod gives back room.
func podChangeMatters(before, after reconcile.Object) bool {
	switch {
	case before == nil:
		return waiting(after.(*corev1.Pod))
	case after == nil:
		return takesRoom(before.(*corev1.Pod))
	}
	was, is := before.(*corev1.Pod), after.(*corev1.Pod)
	if waiting(is) {
		return !waiting(was) || !equality.Semantic.DeepEqual(was.Spec, is.Spec)
	}
	return takesRoom(was) && (!takesRoom(is) || requestsShrink(was, is))
}

func requestsShrink(was, is *corev1.Pod) bool {
	before, _ := podRequests(was)
	after, _ := podRequests(is)
	return after.MilliCPU < before.MilliCPU || after.Memory < before.Memory
}

// nodeChangeMatters holds when a node appears, and when something changes that
// a filter reads. Readiness is not among it: it reaches the scheduler as a
// taint.
func nodeChangeMatters(before, after reconcile.Object) bool {
	if after == nil {
		return false
	}
	if before == nil {
		return true
	}
	was, is := before.(*corev1.Node), after.(*corev1.Node)
	return was.Spec.Unschedulable != is.Spec.Unschedulable ||
		!equality.Semantic.DeepEqual(was.Spec.Taints, is.Spec.Taints) ||
		!equality.Semantic.DeepEqual(was.Labels, is.Labels) ||
		!equality.Semantic.DeepEqual(was.Status.Allocatable, is.Status.Allocatable)
}
