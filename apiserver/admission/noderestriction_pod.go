package admission

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	podapi "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/utils/ptr"
)

// restrictPod lets a kubelet create mirror Pods of itself, and write the status
// of the Pods that are bound to it, delete and evict them.
func (a *Attributes) restrictPod(node string) error {
	switch a.Subresource {
	case "":
		return a.restrictWholePod(node)
	case "status":
		return a.restrictPodStatus(node)
	case "eviction":
		return a.restrictEviction(node)
	}
	return a.refuse("unexpected pod subresource %q, only 'status' and 'eviction' are allowed", a.Subresource)
}

func (a *Attributes) restrictWholePod(node string) error {
	switch a.Operation {
	case Create:
		return a.restrictMirrorPod(node, a.Object.(*corev1.Pod))
	case Delete:
		if a.OldObject.(*corev1.Pod).Spec.NodeName != node {
			return a.refuse("node %q can only delete pods with spec.nodeName set to itself", node)
		}
		return nil
	}
	return a.refuse("unexpected operation %q, node %q can only create and delete mirror pods", a.Operation, node)
}

// restrictMirrorPod is about a new Pod, which must show a static Pod of the
// node and lead to nothing else.
func (a *Attributes) restrictMirrorPod(node string, pod *corev1.Pod) error {
	_, mirror := pod.Annotations[corev1.MirrorPodAnnotationKey]
	switch {
	case !mirror:
		return a.refuse("pod does not have %q annotation, node %q can only create mirror pods", corev1.MirrorPodAnnotationKey, node)
	case pod.Spec.NodeName != node:
		return a.refuse("node %q can only create pods with spec.nodeName set to itself", node)
	case len(pod.OwnerReferences) > 1:
		return a.refuse("node %q can only create pods with a single owner reference set to itself", node)
	case len(pod.OwnerReferences) == 0:
		return a.refuse("node %q can only create pods with an owner reference set to itself", node)
	}
	owner := pod.OwnerReferences[0]
	switch {
	case owner.APIVersion != "v1" || owner.Kind != "Node" || owner.Name != node:
		return a.refuse("node %q can only create pods with an owner reference set to itself", node)
	case !ptr.Deref(owner.Controller, false):
		return a.refuse("node %q can only create pods with a controller owner reference set to itself", node)
	case ptr.Deref(owner.BlockOwnerDeletion, false):
		return a.refuse("node %q must not set blockOwnerDeletion on an owner reference", node)
	}
	stored := a.Get(nodes, "", node)
	if stored == nil {
		return notFound("node", node)
	}
	if owner.UID != stored.GetUID() {
		return a.refuse("node %s UID mismatch: expected %s got %s", node, owner.UID, stored.GetUID())
	}
	return a.restrictReferences(node, pod)
}

func (a *Attributes) restrictReferences(node string, pod *corev1.Pod) error {
	var internal core.Pod
	if err := corev1conv.Convert_v1_Pod_To_core_Pod(pod.DeepCopy(), &internal, nil); err != nil {
		return apierrors.NewInternalError(err)
	}
	refers, what, err := podapi.HasAPIObjectReference(&internal)
	if err != nil {
		return a.refuse("error checking mirror pod for API references: %w", err)
	}
	if refers {
		return a.refuse("node %q can not create pods that reference %s", node, what)
	}
	return nil
}

func (a *Attributes) restrictPodStatus(node string) error {
	if a.Operation != Update {
		return a.refuse("unexpected operation %q", a.Operation)
	}
	pod, old := a.Object.(*corev1.Pod), a.OldObject.(*corev1.Pod)
	status, before := &pod.Status, &old.Status
	switch {
	case old.Spec.NodeName != node:
		return a.refuse("node %q can only update pod status for pods with spec.nodeName set to itself", node)
	case !labels.Equals(old.Labels, pod.Labels):
		return a.refuse("node %q cannot update labels through pod status", node)
	case !same(before.ResourceClaimStatuses, status.ResourceClaimStatuses):
		return a.refuse("node %q cannot update resource claim statues", node)
	case !equality.Semantic.DeepEqual(before.ExtendedResourceClaimStatus, status.ExtendedResourceClaimStatus):
		return a.refuse("node %q cannot update extended resource claim status", node)
	case !same(before.NodeAllocatableResourceClaimStatuses, status.NodeAllocatableResourceClaimStatuses):
		return a.refuse("node %q cannot update node allocatable resource claim statuses", node)
	}
	return nil
}

// same compares lists that are nearly always empty.
func same[T any](a, b []T) bool {
	return len(a) == 0 && len(b) == 0 || equality.Semantic.DeepEqual(a, b)
}

func (a *Attributes) restrictEviction(node string) error {
	if a.Operation != Create {
		return a.refuse("unexpected operation %s", a.Operation)
	}
	name := a.Name
	if eviction, ok := a.Object.(*policyv1.Eviction); ok && name == "" {
		name = eviction.Name
	}
	if name == "" {
		return a.Forbidden(fmt.Errorf("could not determine pod from request data"))
	}
	pod, ok := a.Get(pods, a.Namespace, name).(*corev1.Pod)
	if !ok {
		return notFound("pod", name)
	}
	if pod.Spec.NodeName != node {
		return a.refuse("node %s can only evict pods with spec.nodeName set to itself", node)
	}
	return nil
}
