package controllers

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
)

// givesBack finds the changes of a resource after which less of a quota may be
// used than admission has counted.
//
// Upstream: pkg/quota/v1/install (DefaultUpdateFilter) and pkg/controller/resourcequota (QuotaMonitor).
func givesBack(gr schema.GroupResource) func(before, after reconcile.Object) bool {
	changes := func(reconcile.Object, reconcile.Object) bool { return false }
	switch gr {
	case reconcile.Pods.GroupResource:
		changes = podGivesBack
	case reconcile.Services.GroupResource:
		changes = serviceGivesBack
	case persistentVolumeClaims.GroupResource:
		changes = claimGivesBack
	}
	return func(before, after reconcile.Object) bool {
		return before != nil && (after == nil || changes(before, after))
	}
}

// isGone finds the deletions of objects of which quotas count only how many
// there are.
func isGone(_, after reconcile.Object) bool { return after == nil }

func podGivesBack(before, after reconcile.Object) bool {
	old, pod := before.(*corev1.Pod), after.(*corev1.Pod)
	return !isTerminal(old) && isTerminal(pod) ||
		(old.Spec.ActiveDeadlineSeconds == nil) != (pod.Spec.ActiveDeadlineSeconds == nil) ||
		requestsChange(old, pod)
}

func isTerminal(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded
}

// requestsChange after a resize.
func requestsChange(old, pod *corev1.Pod) bool {
	if len(pod.Spec.Containers) == 0 || len(old.Spec.Containers) == 0 || &pod.Spec.Containers[0] == &old.Spec.Containers[0] {
		return false // most writes are of the status, and share the rest
	}
	for i := range min(len(pod.Spec.Containers), len(old.Spec.Containers)) {
		if !equality.Semantic.DeepEqual(pod.Spec.Containers[i].Resources, old.Spec.Containers[i].Resources) {
			return true
		}
	}
	return false
}

func serviceGivesBack(before, after reconcile.Object) bool {
	old, svc := before.(*corev1.Service), after.(*corev1.Service)
	return old.Spec.Type != svc.Spec.Type || len(old.Spec.Ports) != len(svc.Spec.Ports)
}

func claimGivesBack(before, after reconcile.Object) bool {
	old, claim := before.(*corev1.PersistentVolumeClaim), after.(*corev1.PersistentVolumeClaim)
	return ptr.Deref(old.Spec.VolumeAttributesClassName, "") != ptr.Deref(claim.Spec.VolumeAttributesClassName, "") ||
		ptr.Deref(old.Status.CurrentVolumeAttributesClassName, "") != ptr.Deref(claim.Status.CurrentVolumeAttributesClassName, "") ||
		!equality.Semantic.DeepEqual(old.Status.AllocatedResources, claim.Status.AllocatedResources) ||
		!equality.Semantic.DeepEqual(old.Spec.Resources, claim.Spec.Resources)
}

func sameAmounts(a, b corev1.ResourceList) bool {
	if len(a) != len(b) {
		return false
	}
	for name, amount := range a {
		if other, ok := b[name]; !ok || amount.Cmp(other) != 0 {
			return false
		}
	}
	return true
}

// describeUse is "pods 3 of 4, requests.cpu 1 of 2".
func describeUse(used, hard corev1.ResourceList) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(hard)) {
		limit := hard[name]
		if amount, ok := used[name]; ok {
			parts = append(parts, fmt.Sprintf("%s %s of %s", name, amount.String(), limit.String()))
			continue
		}
		parts = append(parts, fmt.Sprintf("%s limited to %s", name, limit.String()))
	}
	return strings.Join(parts, ", ")
}
