package kubeletsim

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// resize gives running containers what the Pod has been promised. A container
// whose policy wants it is restarted.
//
// Upstream: pkg/kubelet/kuberuntime (computePodResizeAction), without the moment in which new resources are known and not yet given: a resize that restarts nothing is never seen to be under way.
func (t *turn) resize() {
	for _, specs := range [][]corev1.Container{t.pod.Spec.InitContainers, t.pod.Spec.Containers} {
		for i := range specs {
			if c := t.container(specs[i].Name); c != nil && !c.Stopping && t.resizes(&specs[i], c) {
				t.resizeContainer(&specs[i], c)
			}
		}
	}
}

func (t *turn) resizeContainer(spec *corev1.Container, c *nodelocal.Container) {
	if t.restartsToResize(spec, c) {
		stopContainer(c, t.now.Add(preStop(spec)), t.now.Add(graceDuration(gracePeriod(t.pod))))
		t.changed("stop " + c.Name + ": its new resources want a restart")
		t.tellOf(c.Name, corev1.EventTypeNormal, "Killing", fmt.Sprintf("Container %s resize requires restart", c.Name))
		t.awaitExit(c)
		return
	}
	c.Resources, c.PodLimits = resourcesOf(spec), podLimits(t.pod)
	t.changed("resize " + c.Name)
}

// limits are what a container may use of a resource, and what it is sure of.
type limits struct{ most, least int64 }

// limitsOf is what holds for a container: where it has no limit of its own, its
// Pod's.
func limitsOf(r *corev1.ResourceRequirements, pod corev1.ResourceList, name corev1.ResourceName) limits {
	var l limits
	if r != nil {
		l = limits{most: amount(r.Limits, name), least: amount(r.Requests, name)}
	}
	if l.most == 0 {
		l.most = amount(pod, name)
	}
	return l
}

func podLimits(pod *corev1.Pod) corev1.ResourceList {
	if pod.Spec.Resources == nil {
		return nil
	}
	return pod.Spec.Resources.Limits
}

// resizes says whether a container runs with other resources than it was
// promised.
func (t *turn) resizes(spec *corev1.Container, c *nodelocal.Container) bool {
	if t.sandbox.Allocated == nil && c.Resources == nil && c.PodLimits == nil {
		return false // most Pods ask for nothing
	}
	return c.State == nodelocal.ContainerRunning &&
		(t.resizesOf(corev1.ResourceCPU, spec, c) || t.resizesOf(corev1.ResourceMemory, spec, c))
}

func (t *turn) resizesOf(name corev1.ResourceName, spec *corev1.Container, c *nodelocal.Container) bool {
	return limitsOf(c.Resources, c.PodLimits, name) != limitsOf(&spec.Resources, podLimits(t.pod), name)
}

// restartsToResize says whether a resource changes that the container can only
// be given when it starts.
func (t *turn) restartsToResize(spec *corev1.Container, c *nodelocal.Container) bool {
	for _, policy := range spec.ResizePolicy {
		if policy.RestartPolicy == corev1.RestartContainer && t.resizesOf(policy.ResourceName, spec, c) {
			return true
		}
	}
	return false
}

// resizing says whether a container still runs with what it had.
func (t *turn) resizing() bool {
	for _, specs := range [][]corev1.Container{t.pod.Spec.InitContainers, t.pod.Spec.Containers} {
		for i := range specs {
			if c := t.container(specs[i].Name); c != nil && t.resizes(&specs[i], c) {
				return true
			}
		}
	}
	return false
}

// given are the resources that a container runs with.
func given(c *nodelocal.Container) *corev1.ResourceRequirements {
	if c.Resources == nil {
		return &corev1.ResourceRequirements{}
	}
	return c.Resources.DeepCopy()
}
