package scheduler

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	schedulinghelpers "k8s.io/component-helpers/scheduling/corev1"
)

// waiting says whether the pod is in the scheduler's queue.
//
// Upstream: pkg/scheduler/framework/plugins/schedulinggates keeps a gated pod out of the queue as here; its PodScheduled condition with reason SchedulingGated is set by the API layer when the pod is created.
func waiting(pod *corev1.Pod) bool {
	return pod.Spec.NodeName == "" &&
		pod.Spec.SchedulerName == corev1.DefaultSchedulerName &&
		pod.DeletionTimestamp == nil &&
		len(pod.Spec.SchedulingGates) == 0 &&
		!ended(pod)
}

// queue is the waiting pods in the order of upstream's PrioritySort plugin:
// highest priority first, then the longest waiting. Pods come in key order
// and keep it where both are equal.
//
// Upstream: pkg/scheduler/framework/plugins/queuesort compares when pods were last added to the queue, here when they were created; pods that failed before are tried again in every turn, without the back-off queue.
func queue(pods []*corev1.Pod) []*corev1.Pod {
	var queued []*corev1.Pod
	for _, pod := range pods {
		if waiting(pod) {
			queued = append(queued, pod)
		}
	}
	slices.SortStableFunc(queued, func(a, b *corev1.Pod) int {
		if c := cmp.Compare(schedulinghelpers.PodPriority(b), schedulinghelpers.PodPriority(a)); c != 0 {
			return c
		}
		return a.CreationTimestamp.Time.Compare(b.CreationTimestamp.Time)
	})
	return queued
}
