package controllers

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
)

// Admission gives these kinds a finalizer; their protection controllers drop
// it when the object is being deleted and not in use.
const (
	pvcProtectionFinalizer = "kubernetes.io/pvc-protection"
	pvProtectionFinalizer  = "kubernetes.io/pv-protection"
	vacProtectionFinalizer = "kubernetes.io/vac-protection"
)

var (
	persistentVolumes       = reconcile.Resource[*corev1.PersistentVolume]{GroupResource: schema.GroupResource{Resource: "persistentvolumes"}}
	persistentVolumeClaims  = reconcile.Resource[*corev1.PersistentVolumeClaim]{GroupResource: schema.GroupResource{Resource: "persistentvolumeclaims"}}
	volumeAttributesClasses = reconcile.Resource[*storagev1.VolumeAttributesClass]{GroupResource: schema.GroupResource{Group: "storage.k8s.io", Resource: "volumeattributesclasses"}}
)

// PVCProtection keeps a claim that is being deleted for as long as a scheduled
// pod uses it.
//
// Upstream: pkg/controller/volume/pvcprotection, without adding finalizers to claims from before admission did, and without the condition Unused.
func PVCProtection() reconcile.Component {
	return protection("persistentvolumeclaim-protection-controller", "pvc-protection-controller", persistentVolumeClaims, pvcProtectionFinalizer, claimIsUsed,
		reconcile.Mapped(reconcile.Pods.GroupResource, claimsOf).If(podIsDone))
}

// PVProtection keeps a volume that is being deleted for as long as it is bound
// to a claim.
//
// Upstream: pkg/controller/volume/pvprotection, without adding finalizers to volumes from before admission did.
func PVProtection() reconcile.Component {
	return protection("persistentvolume-protection-controller", "pv-protection-controller", persistentVolumes, pvProtectionFinalizer,
		func(_ reconcile.View, pv *corev1.PersistentVolume) bool { return pv.Status.Phase == corev1.VolumeBound })
}

// VACProtection keeps a volume attributes class that is being deleted for as
// long as a volume or a claim names it.
//
// Upstream: pkg/controller/volume/vacprotection, without adding finalizers to classes from before admission did.
func VACProtection() reconcile.Component {
	return protection("volumeattributesclass-protection-controller", "volumeattributesclass-protection-controller", volumeAttributesClasses, vacProtectionFinalizer, classIsUsed,
		reconcile.Mapped(persistentVolumes.GroupResource, classesOf), reconcile.Mapped(persistentVolumeClaims.GroupResource, classesOf))
}

// protection drops a finalizer from what is being deleted and not in use.
// Further watches say what may end a use.
func protection[T reconcile.Object](name, account string, kind reconcile.Resource[T], finalizer string, inUse func(reconcile.View, T) bool, further ...reconcile.Watch) reconcile.Component {
	isCandidate := func(o reconcile.Object) bool {
		return o.GetDeletionTimestamp() != nil && slices.Contains(o.GetFinalizers(), finalizer)
	}
	self := reconcile.Self(kind.GroupResource).If(func(_, after reconcile.Object) bool { return after != nil && isCandidate(after) })
	return reconcile.Component{
		Name:    name,
		User:    "system:serviceaccount:kube-system:" + account,
		For:     kind.GroupResource,
		Watches: append([]reconcile.Watch{self}, further...),
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			var plan reconcile.Plan
			obj, ok := kind.Get(v, req.Key)
			if !ok || !isCandidate(obj) {
				return plan, nil
			}
			if inUse(v, obj) {
				plan.Observe("it is being used")
				return plan, nil
			}
			released := obj.DeepCopyObject().(T)
			released.SetFinalizers(slices.DeleteFunc(released.GetFinalizers(), func(f string) bool { return f == finalizer }))
			plan.Update(released, "nobody uses it any more")
			return plan, nil
		},
	}
}

// podIsDone: the pod is gone, or nothing but its removal is left to do.
func podIsDone(_, after reconcile.Object) bool {
	return after == nil || podIsShutDown(after.(*corev1.Pod))
}

func podIsShutDown(pod *corev1.Pod) bool {
	return pod.DeletionTimestamp != nil && ptr.Deref(pod.DeletionGracePeriodSeconds, -1) == 0
}

// claimsOf are the claims that a pod names, or that are made for it.
func claimsOf(_ reconcile.View, o reconcile.Object) []reconcile.Key {
	pod := o.(*corev1.Pod)
	var keys []reconcile.Key
	for i := range pod.Spec.Volumes {
		if name := claimName(pod, &pod.Spec.Volumes[i]); name != "" {
			keys = append(keys, reconcile.Key{Namespace: pod.Namespace, Name: name})
		}
	}
	return keys
}

func claimName(pod *corev1.Pod, volume *corev1.Volume) string {
	switch {
	case volume.PersistentVolumeClaim != nil:
		return volume.PersistentVolumeClaim.ClaimName
	case volume.Ephemeral != nil:
		return pod.Name + "-" + volume.Name
	}
	return ""
}

func claimIsUsed(v reconcile.View, claim *corev1.PersistentVolumeClaim) bool {
	return slices.ContainsFunc(reconcile.Pods.List(v, reconcile.InNamespace(claim.Namespace)), func(pod *corev1.Pod) bool {
		return usesClaim(pod, claim)
	})
}

// usesClaim: a pod that is not scheduled does not count, because the kubelet
// will not start it with a claim that is being deleted.
func usesClaim(pod *corev1.Pod, claim *corev1.PersistentVolumeClaim) bool {
	if pod.Spec.NodeName == "" {
		return false
	}
	return slices.ContainsFunc(pod.Spec.Volumes, func(volume corev1.Volume) bool {
		if claimName(pod, &volume) != claim.Name {
			return false
		}
		return volume.PersistentVolumeClaim != nil || !podIsShutDown(pod) && metav1.IsControlledBy(claim, pod)
	})
}

func classesOf(_ reconcile.View, o reconcile.Object) []reconcile.Key {
	var keys []reconcile.Key
	for _, name := range classNames(o) {
		keys = append(keys, reconcile.Key{Name: name})
	}
	return keys
}

// classNames are the volume attributes classes that a volume or claim has or
// is to have.
func classNames(o reconcile.Object) []string {
	var names []*string
	switch o := o.(type) {
	case *corev1.PersistentVolume:
		names = []*string{o.Spec.VolumeAttributesClassName}
	case *corev1.PersistentVolumeClaim:
		names = []*string{o.Spec.VolumeAttributesClassName, o.Status.CurrentVolumeAttributesClassName}
		if modify := o.Status.ModifyVolumeStatus; modify != nil {
			names = append(names, &modify.TargetVolumeAttributesClassName)
		}
	}
	var found []string
	for _, name := range names {
		if ptr.Deref(name, "") != "" && !slices.Contains(found, *name) {
			found = append(found, *name)
		}
	}
	return found
}

func classIsUsed(v reconcile.View, class *storagev1.VolumeAttributesClass) bool {
	for _, pv := range persistentVolumes.List(v) {
		if slices.Contains(classNames(pv), class.Name) {
			return true
		}
	}
	return slices.ContainsFunc(persistentVolumeClaims.List(v), func(claim *corev1.PersistentVolumeClaim) bool {
		return slices.Contains(classNames(claim), class.Name)
	})
}
