package kinds

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/operation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
)

// preparePodStatus keeps all but the status of a pod, and of the status what
// clients that do not know a field must not clear.
//
// Upstream: pkg/registry/core/pod (status PrepareForUpdate), without dropping the status fields of features that are off.
func preparePodStatus(obj, old Object) {
	p, before := obj.(*corev1.Pod), old.(*corev1.Pod)
	p.Spec = before.Spec
	p.DeletionTimestamp = before.DeletionTimestamp
	p.OwnerReferences = before.OwnerReferences // old kubelets broke them
	if p.Status.QOSClass == "" {
		p.Status.QOSClass = before.Status.QOSClass
	}
	if p.Status.ResourceClaimStatuses == nil {
		p.Status.ResourceClaimStatuses = before.Status.ResourceClaimStatuses
	}
	if p.Status.ExtendedResourceClaimStatus == nil {
		p.Status.ExtendedResourceClaimStatus = before.Status.ExtendedResourceClaimStatus
	}
	if p.Status.NodeAllocatableResourceClaimStatuses == nil {
		p.Status.NodeAllocatableResourceClaimStatuses = before.Status.NodeAllocatableResourceClaimStatuses
	}
	keepObservedGenerations(&p.Status, &before.Status)
}

// keepObservedGenerations restores the observed generations that a client has
// left out, of the status and of its conditions. A type may occur more than
// once among the conditions: the nth gets what the nth had.
func keepObservedGenerations(status, old *corev1.PodStatus) {
	if status.ObservedGeneration == 0 {
		status.ObservedGeneration = old.ObservedGeneration
	}
	for i := range status.Conditions {
		condition := &status.Conditions[i]
		if condition.ObservedGeneration != 0 {
			continue
		}
		nth := 0
		for j := range i {
			if status.Conditions[j].Type == condition.Type {
				nth++
			}
		}
		if seen := observedGeneration(old.Conditions, condition.Type, nth); seen != 0 {
			condition.ObservedGeneration = seen
		}
	}
}

// observedGeneration is that of the nth condition of a type, or 0.
func observedGeneration(conditions []corev1.PodCondition, kind corev1.PodConditionType, nth int) int64 {
	for i := range conditions {
		if conditions[i].Type != kind {
			continue
		}
		if nth == 0 {
			return conditions[i].ObservedGeneration
		}
		nth--
	}
	return 0
}

// declaredPodStatus are the rules that the tags of PodStatus declare.
func declaredPodStatus(ctx context.Context, op operation.Operation, path *field.Path, p, old *corev1.Pod) field.ErrorList {
	return corev1conv.Validate_PodStatus(ctx, op, path.Child("status"), &p.Status, &old.Status)
}
