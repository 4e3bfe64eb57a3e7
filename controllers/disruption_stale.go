package controllers

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// staleDisruptionAfter is how long a Pod may be marked as the target of a
// disruption that does not come.
const staleDisruptionAfter = 2 * time.Minute

// StalePodDisruption takes the DisruptionTarget condition back from Pods that
// were not deleted after all.
//
// Upstream: pkg/controller/disruption (syncStalePodDisruption).
func StalePodDisruption() reconcile.Component {
	return reconcile.Component{
		Name:      "stale-pod-disruption",
		User:      disruptionController,
		For:       reconcile.Pods.GroupResource,
		Watches:   []reconcile.Watch{reconcile.Self(reconcile.Pods.GroupResource).If(markedOrSpared)},
		Reconcile: reconcileStaleDisruption,
	}
}

func markedOrSpared(_, after reconcile.Object) bool {
	pod, ok := after.(*corev1.Pod)
	return ok && disruptionMark(pod) != nil
}

// disruptionMark is the condition that may turn out to be stale, or nil. The
// kubelet's own never does: it may take long to end a Pod.
func disruptionMark(pod *corev1.Pod) *corev1.PodCondition {
	if pod.DeletionTimestamp != nil || isPodTerminal(pod) {
		return nil
	}
	for i := range pod.Status.Conditions {
		c := &pod.Status.Conditions[i]
		if c.Type == corev1.DisruptionTarget && c.Status == corev1.ConditionTrue && c.Reason != corev1.PodReasonTerminationByKubelet {
			return c
		}
	}
	return nil
}

func reconcileStaleDisruption(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	var plan reconcile.Plan
	pod, ok := reconcile.Pods.Get(v, req.Key)
	if !ok {
		return plan, nil
	}
	mark := disruptionMark(pod)
	if mark == nil {
		return plan, nil
	}
	if left := mark.LastTransitionTime.Add(staleDisruptionAfter).Sub(v.Now()); left > 0 {
		plan.Heartbeat(left, "until its disruption is overdue")
		return plan, nil
	}
	spared := pod.DeepCopy()
	i := slices.IndexFunc(spared.Status.Conditions, func(c corev1.PodCondition) bool { return c.Type == corev1.DisruptionTarget })
	spared.Status.Conditions[i] = corev1.PodCondition{
		Type:               corev1.DisruptionTarget,
		Status:             corev1.ConditionFalse,
		LastTransitionTime: timestamp(v),
		ObservedGeneration: pod.Generation,
	}
	plan.UpdateStatus(spared, "it was to be disrupted and was not")
	return plan, nil
}
