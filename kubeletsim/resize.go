package kubeletsim

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	resourcehelper "k8s.io/component-helpers/resource"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// resizeRetry is how often a resize that there is no room for is tried again.
//
// Upstream: pkg/kubelet/allocation (periodicRetry).
const resizeRetry = 3 * time.Minute

// resize gives running containers the resources that the Pod now asks for, if
// the machine has them. A container whose policy wants it is restarted.
//
// Upstream: pkg/kubelet/allocation and kuberuntime (computePodResizeAction), without retries in the order of priority: a resize that was put off is looked at again with every turn of its Pod; without ResizeStarted and ResizeCompleted events; init containers keep what they were started with.
func (t *turn) resize() {
	if !t.wantsResize() {
		return
	}
	if t.pending = t.whyNotResized(); t.pending != nil {
		t.alarm.routine(t.now.Add(resizeRetry), "to try the resize again")
		return
	}
	for i := range t.pod.Spec.Containers {
		spec := &t.pod.Spec.Containers[i]
		c := t.container(spec.Name)
		switch {
		case c == nil || c.State != nodelocal.ContainerRunning || c.Stopping || !resizes(spec, c):
		case restartsToResize(spec, c):
			stopContainer(c, t.now.Add(preStop(spec)), t.now.Add(graceDuration(gracePeriod(t.pod))))
			t.changed("stop " + c.Name + ": its new resources want a restart")
			t.tellOf(c.Name, corev1.EventTypeNormal, "Killing", fmt.Sprintf("Container %s resize requires restart", c.Name))
			t.awaitExit(c)
		default:
			c.Resources = resourcesOf(spec)
			t.changed("resize " + c.Name)
		}
	}
}

// wantsResize says whether a container runs with other resources than its Pod
// asks for.
func (t *turn) wantsResize() bool {
	for i := range t.pod.Spec.Containers {
		spec := &t.pod.Spec.Containers[i]
		if c := t.container(spec.Name); c != nil && c.State == nodelocal.ContainerRunning && resizes(spec, c) {
			return true
		}
	}
	return false
}

func resizes(spec *corev1.Container, c *nodelocal.Container) bool {
	wanted := resourcesOf(spec)
	return c.Resources != wanted && !equality.Semantic.DeepEqual(c.Resources, wanted)
}

// resourcesOf is what a container asks for, or nil if it asks for nothing. It
// belongs to the Pod and is not to be changed.
func resourcesOf(spec *corev1.Container) *corev1.ResourceRequirements {
	if r := &spec.Resources; len(r.Requests)+len(r.Limits)+len(r.Claims) > 0 {
		return r
	}
	return nil
}

// given are the resources that a container runs with.
func given(c *nodelocal.Container) corev1.ResourceRequirements {
	if c.Resources == nil {
		return corev1.ResourceRequirements{}
	}
	return *c.Resources
}

// restartsToResize says whether a resource changes that the container can only
// be given when it starts.
func restartsToResize(spec *corev1.Container, c *nodelocal.Container) bool {
	now := given(c)
	for _, policy := range spec.ResizePolicy {
		name := policy.ResourceName
		same := amount(now.Requests, name) == amount(spec.Resources.Requests, name) && amount(now.Limits, name) == amount(spec.Resources.Limits, name)
		if !same && policy.RestartPolicy == corev1.RestartContainer {
			return true
		}
	}
	return false
}

// whyNotResized is the condition of a Pod that asks for more than its machine
// has (which no waiting will mend), or has left; nil if there is room.
func (t *turn) whyNotResized() *corev1.PodCondition {
	wanted := resourcehelper.PodRequests(t.pod, resourcehelper.PodResourcesOptions{})
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		asked, capacity := amount(wanted, name), amount(t.machine.Spec.Capacity, name)
		if asked > capacity {
			return pendingResize(corev1.PodReasonInfeasible,
				fmt.Sprintf("Node didn't have enough capacity: %s, requested: %d, capacity: %d", name, asked, capacity))
		}
		if used := t.usedByOthers(name); used+asked > capacity {
			return pendingResize(corev1.PodReasonDeferred,
				fmt.Sprintf("Node didn't have enough resource: %s, requested: %d, used: %d, capacity: %d", name, asked, used, capacity))
		}
	}
	return nil
}

func pendingResize(reason, message string) *corev1.PodCondition {
	return &corev1.PodCondition{Type: corev1.PodResizePending, Status: corev1.ConditionTrue, Reason: reason, Message: message}
}

// usedByOthers is what the machine's other Pods have been promised.
func (t *turn) usedByOthers(name corev1.ResourceName) int64 {
	var used int64
	for _, pod := range reconcile.Pods.List(t.view, reconcile.OnNode(t.req.Node)) {
		if pod.UID != t.pod.UID && !isTerminal(pod.Status.Phase) {
			used += amount(resourcehelper.PodRequests(pod, resourcehelper.PodResourcesOptions{UseStatusResources: true}), name)
		}
	}
	return used
}

// amount is in thousandths of a processor, or in bytes.
func amount(list corev1.ResourceList, name corev1.ResourceName) int64 {
	quantity := list[name]
	if name == corev1.ResourceCPU {
		return quantity.MilliValue()
	}
	return quantity.Value()
}

// resizeConditions tell of a resize that waits or is under way.
func (t *turn) resizeConditions() []corev1.PodCondition {
	if t.pending != nil {
		return []corev1.PodCondition{*t.pending}
	}
	if t.wantsResize() {
		return []corev1.PodCondition{{Type: corev1.PodResizeInProgress, Status: corev1.ConditionTrue}}
	}
	return nil
}
