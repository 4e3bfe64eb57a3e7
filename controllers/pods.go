package controllers

import (
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// podReadyCondition is the Pod's Ready condition, or nil.
func podReadyCondition(pod *corev1.Pod) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == corev1.PodReady {
			return c
		}
	}
	return nil
}

// isPodReady says whether the Pod's Ready condition is True.
func isPodReady(pod *corev1.Pod) bool {
	c := podReadyCondition(pod)
	return c != nil && c.Status == corev1.ConditionTrue
}

// isPodAvailable says whether the Pod has been ready for minReady.
func isPodAvailable(pod *corev1.Pod, minReady time.Duration, now time.Time) bool {
	if !isPodReady(pod) {
		return false
	}
	if minReady == 0 {
		return true
	}
	since := podReadyCondition(pod).LastTransitionTime
	return !since.IsZero() && !since.Add(minReady).After(now)
}

// untilAvailable is how long a ready Pod still has to stay ready until it
// counts as available. It is zero when there is nothing to wait for.
func untilAvailable(pod *corev1.Pod, minReady time.Duration, now time.Time) time.Duration {
	if minReady <= 0 || !isPodReady(pod) {
		return 0
	}
	since := podReadyCondition(pod).LastTransitionTime
	if since.IsZero() {
		return 0
	}
	return max(0, since.Add(minReady).Sub(now))
}

// isPodTerminal says whether the Pod has ended for good.
func isPodTerminal(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// isPodActive says whether the Pod counts as a replica: it has neither ended
// nor been told to.
func isPodActive(pod *corev1.Pod) bool {
	return !isPodTerminal(pod) && pod.DeletionTimestamp == nil
}

// isPodTerminating says whether the Pod has been told to end and has not yet.
func isPodTerminating(pod *corev1.Pod) bool {
	return !isPodTerminal(pod) && pod.DeletionTimestamp != nil
}

// podFromTemplate is a Pod as a workload controller creates it: the template's
// metadata and spec, the owner as its controller, no name yet.
func podFromTemplate(template *corev1.PodTemplateSpec, owner reconcile.Object, ref metav1.OwnerReference) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       owner.GetNamespace(),
			GenerateName:    owner.GetName() + "-",
			Labels:          maps.Clone(template.Labels),
			Annotations:     maps.Clone(template.Annotations),
			Finalizers:      slices.Clone(template.Finalizers),
			OwnerReferences: []metav1.OwnerReference{ref},
		},
		Spec: *template.Spec.DeepCopy(),
	}
}

// timestamp is the turn's time as API objects hold it: whole seconds.
func timestamp(v reconcile.View) metav1.Time {
	return metav1.NewTime(v.Now().Truncate(time.Second))
}
