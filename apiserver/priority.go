package apiserver

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/kinds"
)

// resolvePriority turns a pod's priority class into a number.
//
// Upstream: plugin/pkg/admission/priority, with the two built-in system classes only: PriorityClass objects are not looked up yet.
func resolvePriority(c *call, op operation, obj, old kinds.Object) error {
	if c.GroupResource != pods || c.req.Subresource != "" || op == admitDelete {
		return nil
	}
	pod := obj.(*corev1.Pod)
	if op == admitUpdate {
		keepPriority(pod, old.(*corev1.Pod))
		return nil
	}
	priority, ok := priorityOf(pod.Spec.PriorityClassName)
	if !ok {
		return c.refuse(pod, fmt.Errorf("no PriorityClass with name %v was found", pod.Spec.PriorityClassName))
	}
	if p := pod.Spec.Priority; p != nil && *p != priority {
		return c.refuse(pod, fmt.Errorf("the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name", *p, priority))
	}
	policy := corev1.PreemptLowerPriority
	if p := pod.Spec.PreemptionPolicy; p != nil && *p != policy {
		return c.refuse(pod, fmt.Errorf("the string value of PreemptionPolicy (%s) must not be provided in pod spec; priority admission controller computed %s from the given PriorityClass name", *p, policy))
	}
	pod.Spec.Priority, pod.Spec.PreemptionPolicy = &priority, &policy
	return nil
}

// keepPriority lets an update leave out what admission had filled in.
func keepPriority(pod, old *corev1.Pod) {
	if pod.Spec.Priority == nil {
		pod.Spec.Priority = old.Spec.Priority
	}
	if pod.Spec.PreemptionPolicy == nil {
		pod.Spec.PreemptionPolicy = old.Spec.PreemptionPolicy
	}
}

func priorityOf(class string) (int32, bool) {
	switch class {
	case "":
		return 0, true
	case "system-cluster-critical":
		return 2000000000, true
	case "system-node-critical":
		return 2000001000, true
	}
	return 0, false
}
