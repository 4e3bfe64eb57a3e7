package controllers

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/minik8s/minik8s/reconcile"
)

// CustomScales reads the scale subresource of a custom resource: whose scale it
// is, and to how many. The UID is empty if there is no such object. scalable is
// false if objects of that resource have no scale.
type CustomScales func(reconcile.View, schema.GroupResource, reconcile.Key) (uid types.UID, replicas int32, scalable bool, err error)

// expectedPods is how many Pods a budget counts with, and how many of them it
// wants healthy. Only a minimum in numbers takes the Pods as they are; all else
// is measured against what the Pods' controllers are scaled to.
//
// Upstream: pkg/controller/disruption (getExpectedPodCount).
func (t *budgetTurn) expectedPods(pods []*corev1.Pod) (expected, desired int32, err error) {
	spec := &t.pdb.Spec
	switch {
	case spec.MaxUnavailable != nil:
		if expected, err = t.expectedScale(pods); err != nil {
			return 0, 0, err
		}
		unavailable, err := intstr.GetScaledValueFromIntOrPercent(spec.MaxUnavailable, int(expected), true)
		return expected, max(0, expected-int32(unavailable)), err
	case spec.MinAvailable == nil:
		return 0, 0, nil
	case spec.MinAvailable.Type == intstr.Int:
		return int32(len(pods)), spec.MinAvailable.IntVal, nil
	}
	if expected, err = t.expectedScale(pods); err != nil {
		return 0, 0, err
	}
	available, err := intstr.GetScaledValueFromIntOrPercent(spec.MinAvailable, int(expected), true)
	return expected, int32(available), err
}

// expectedScale adds up what the controllers of the Pods are scaled to, each
// once. Pods without a controller are warned about and not counted.
//
// Upstream: pkg/controller/disruption (getExpectedScale).
func (t *budgetTurn) expectedScale(pods []*corev1.Pod) (int32, error) {
	var expected int32
	counted := map[types.UID]bool{}
	unmanaged := false
	for _, pod := range pods {
		ref := metav1.GetControllerOfNoCopy(pod)
		if ref == nil {
			unmanaged = true
			continue
		}
		if counted[ref.UID] {
			continue
		}
		uid, replicas, err := t.scaleOf(ref, pod.Namespace)
		if err != nil {
			return 0, err
		}
		if uid == "" {
			return 0, fmt.Errorf("found no controllers for pod %q", pod.Name)
		}
		if !counted[uid] {
			expected += replicas
		}
		// A Deployment is found through each of its ReplicaSets.
		counted[uid], counted[ref.UID] = true, true
	}
	if unmanaged {
		t.warn("UnmanagedPods", "Pods selected by this PodDisruptionBudget (selector: %v) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set \".spec.minAvailable\" field of the PDB to an integer value.", t.pdb.Spec.Selector)
	}
	return expected, nil
}

// scaleOf is what a Pod's controller, or the Deployment above it, is scaled to.
// The UID is empty if there is no such controller any more.
func (t *budgetTurn) scaleOf(ref *metav1.OwnerReference, namespace string) (types.UID, int32, error) {
	gv, err := schema.ParseGroupVersion(ref.APIVersion)
	if err != nil {
		return "", 0, err
	}
	gvk := gv.WithKind(ref.Kind)
	resource, _, ok := t.mapping(t.view, gvk)
	if !ok {
		return "", 0, &meta.NoKindMatchError{GroupKind: gvk.GroupKind(), SearchedVersions: []string{gvk.Version}}
	}
	key := reconcile.Key{Namespace: namespace, Name: ref.Name}
	var owner reconcile.Object
	var replicas *int32
	switch resource {
	case reconcile.ReplicaSets.GroupResource:
		if rs, ok := reconcile.ReplicaSets.Get(t.view, key); ok {
			if d := t.deploymentOf(rs, ref.UID); d != nil {
				return d.UID, *d.Spec.Replicas, nil
			}
			owner, replicas = rs, rs.Spec.Replicas
		}
	case reconcile.Deployments.GroupResource:
		if d, ok := reconcile.Deployments.Get(t.view, key); ok {
			owner, replicas = d, d.Spec.Replicas
		}
	case reconcile.StatefulSets.GroupResource:
		if set, ok := reconcile.StatefulSets.Get(t.view, key); ok {
			owner, replicas = set, set.Spec.Replicas
		}
	case reconcile.ReplicationControllers.GroupResource:
		if rc, ok := reconcile.ReplicationControllers.Get(t.view, key); ok {
			owner, replicas = rc, rc.Spec.Replicas
		}
	default:
		return t.customScale(resource, key, ref.UID)
	}
	if owner == nil || owner.GetUID() != ref.UID {
		return "", 0, nil
	}
	return owner.GetUID(), *replicas, nil
}

// customScale is what a custom resource is scaled to.
//
// Upstream: pkg/controller/disruption (getScaleController), at the version that the resource is stored in.
func (t *budgetTurn) customScale(resource schema.GroupResource, key reconcile.Key, want types.UID) (types.UID, int32, error) {
	uid, replicas, scalable, err := t.scales(t.view, resource, key)
	if err != nil {
		return "", 0, err
	}
	if !scalable {
		return "", 0, fmt.Errorf("%s does not implement the scale subresource", resource)
	}
	if uid != want {
		return "", 0, nil
	}
	return uid, replicas, nil
}

// deploymentOf is the Deployment that controls a ReplicaSet, or nil.
func (t *budgetTurn) deploymentOf(rs *appsv1.ReplicaSet, uid types.UID) *appsv1.Deployment {
	ref := metav1.GetControllerOfNoCopy(rs)
	if rs.UID != uid || ref == nil || ref.Kind != "Deployment" {
		return nil
	}
	d, ok := reconcile.Deployments.Get(t.view, reconcile.Key{Namespace: rs.Namespace, Name: ref.Name})
	if !ok || d.UID != ref.UID {
		return nil
	}
	return d
}
