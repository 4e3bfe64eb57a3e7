package kubeletsim

import (
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	resourcehelper "k8s.io/component-helpers/resource"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// resizeRetry is how often a resize that there is no room for is tried again.
//
// Upstream: pkg/kubelet/allocation (periodicRetry).
const resizeRetry = 3 * time.Minute

// allocate promises the Pod what it asks for, if the machine has it. As long as
// it has not, the turn takes the Pod as it was last promised to be.
//
// Upstream: pkg/kubelet/allocation (handlePodResourcesResize), without retries in the order of priority: a resize that was put off is looked at again with every turn of its Pod, and not at once when another Pod leaves the machine.
func (t *turn) allocate() {
	if t.created {
		t.sandbox.Allocated = allocationOf(t.pod)
		return
	}
	if isAllocated(t.pod, t.sandbox.Allocated) {
		return
	}
	if short, why := t.tooLittle(); short != "" {
		t.deferResize(short, why)
		t.takeAllocated()
		return
	}
	t.sandbox.Allocated = allocationOf(t.pod)
	t.allocated = true
	t.changed("promise it the resources that it now asks for")
	t.tell(corev1.EventTypeNormal, "ResizeStarted", resizeMessage("started", t.pod, t.pod.Generation, ""))
}

// allocationOf is what a Pod asks for, nil for nothing. It shares the Pod's
// resources.
func allocationOf(pod *corev1.Pod) *nodelocal.Allocation {
	var containers []nodelocal.ContainerAllocation
	for _, specs := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range specs {
			if r := resourcesOf(&specs[i]); r != nil {
				containers = append(containers, nodelocal.ContainerAllocation{Name: specs[i].Name, Resources: r})
			}
		}
	}
	if pod.Spec.Resources == nil && containers == nil {
		return nil
	}
	return &nodelocal.Allocation{Pod: pod.Spec.Resources, Containers: containers}
}

// resourcesOf is what a container asks for, or nil if it asks for nothing. It
// belongs to the Pod and is not to be changed.
func resourcesOf(spec *corev1.Container) *corev1.ResourceRequirements {
	if r := &spec.Resources; len(r.Requests)+len(r.Limits)+len(r.Claims) > 0 {
		return r
	}
	return nil
}

// isAllocated says whether a Pod asks for just what it was promised.
func isAllocated(pod *corev1.Pod, a *nodelocal.Allocation) bool {
	if !sameResources(pod.Spec.Resources, podAllocated(a)) {
		return false
	}
	for _, specs := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range specs {
			if !sameResources(&specs[i].Resources, containerAllocated(a, specs[i].Name)) {
				return false
			}
		}
	}
	return true
}

func podAllocated(a *nodelocal.Allocation) *corev1.ResourceRequirements {
	if a == nil {
		return nil
	}
	return a.Pod
}

func containerAllocated(a *nodelocal.Allocation, name string) *corev1.ResourceRequirements {
	if a == nil {
		return nil
	}
	i := slices.IndexFunc(a.Containers, func(c nodelocal.ContainerAllocation) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return a.Containers[i].Resources
}

// sameResources compares amounts. Claims do not change in a Pod's life.
func sameResources(a, b *corev1.ResourceRequirements) bool {
	if a == b {
		return true
	}
	var none corev1.ResourceRequirements
	if a == nil {
		a = &none
	}
	if b == nil {
		b = &none
	}
	return maps.EqualFunc(a.Requests, b.Requests, sameQuantity) && maps.EqualFunc(a.Limits, b.Limits, sameQuantity)
}

func sameQuantity(a, b resource.Quantity) bool { return a.Cmp(b) == 0 }

// takeAllocated makes the turn's Pod ask for what it was promised.
func (t *turn) takeAllocated() {
	pod := *t.pod
	pod.Spec.Resources = podAllocated(t.sandbox.Allocated)
	pod.Spec.InitContainers = withAllocated(pod.Spec.InitContainers, t.sandbox.Allocated)
	pod.Spec.Containers = withAllocated(pod.Spec.Containers, t.sandbox.Allocated)
	t.pod = &pod
}

func withAllocated(specs []corev1.Container, a *nodelocal.Allocation) []corev1.Container {
	specs = slices.Clone(specs)
	for i := range specs {
		specs[i].Resources = corev1.ResourceRequirements{}
		if r := containerAllocated(a, specs[i].Name); r != nil {
			specs[i].Resources = *r
		}
	}
	return specs
}

// tooLittle is the resource that the machine has too little of for the Pod, or
// "" if there is room, and how much it lacks.
//
// Upstream: pkg/kubelet/lifecycle (generalFilter), without extended resources: they cannot be resized.
func (t *turn) tooLittle() (short corev1.ResourceName, why string) {
	wanted := resourcehelper.PodRequests(t.pod, resourcehelper.PodResourcesOptions{})
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		asked, capacity := amount(wanted, name), amount(t.machine.Spec.Capacity, name)
		if used := t.usedByOthers(name); asked > 0 && used+asked > capacity {
			return name, fmt.Sprintf("Node didn't have enough resource: %s, requested: %d, used: %d, capacity: %d", name, asked, used, capacity)
		}
	}
	return "", ""
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
