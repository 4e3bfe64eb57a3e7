package scheduler

import (
	"cmp"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	resourcehelpers "k8s.io/component-helpers/resource"
)

// Resource is an amount of what a node has and pods request, in plain
// integers: filters and scores run once for each pod and node.
type Resource struct {
	MilliCPU         int64 // thousandths of a core
	Memory           int64 // bytes
	EphemeralStorage int64 // bytes
	// Scalars are extended resources and huge pages, in order of name.
	Scalars []Scalar
}

// Scalar is an amount of one extended resource.
type Scalar struct {
	Name   corev1.ResourceName
	Amount int64
}

// What a container that requests nothing counts as when nodes are scored, so
// that such pods spread too.
const (
	defaultMilliCPU int64 = 100
	defaultMemory   int64 = 200 * mebibyte
)

// Scalar is the amount of an extended resource.
func (r *Resource) Scalar(name corev1.ResourceName) int64 {
	for _, s := range r.Scalars {
		if s.Name == name {
			return s.Amount
		}
	}
	return 0
}

// add adds what a list holds. It says whether cpu and memory were in it.
func (r *Resource) add(list corev1.ResourceList) (hasCPU, hasMemory bool) {
	known := 0
	if q, ok := list[corev1.ResourceCPU]; ok {
		r.MilliCPU += q.MilliValue()
		hasCPU, known = true, known+1
	}
	if q, ok := list[corev1.ResourceMemory]; ok {
		r.Memory += q.Value()
		hasMemory, known = true, known+1
	}
	if len(list) == known {
		return hasCPU, hasMemory
	}
	for _, name := range slices.Sorted(maps.Keys(list)) {
		q := list[name]
		switch name {
		case corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourcePods:
		case corev1.ResourceEphemeralStorage:
			r.EphemeralStorage += q.Value()
		default:
			r.addScalar(name, q.Value())
		}
	}
	return hasCPU, hasMemory
}

func (r *Resource) addScalar(name corev1.ResourceName, amount int64) {
	at, found := slices.BinarySearchFunc(r.Scalars, name, func(s Scalar, name corev1.ResourceName) int {
		return cmp.Compare(s.Name, name)
	})
	if !found {
		r.Scalars = slices.Insert(r.Scalars, at, Scalar{Name: name})
	}
	r.Scalars[at].Amount += amount
}

// podRequests is what the pod requests of its node, and the cpu and memory
// that it counts as in scores.
//
// Upstream: pkg/scheduler/framework (PodInfo.CalculateResource), without in-place resize: requests are read from the spec, never from container statuses.
func podRequests(pod *corev1.Pod) (requested, nonZero Resource) {
	spec := &pod.Spec
	if len(spec.InitContainers) > 0 || len(spec.Overhead) > 0 || spec.Resources != nil {
		return layeredRequests(pod)
	}
	// Most pods only have containers. Summing those here allocates nothing,
	// and each turn reads the requests of every pod in the cluster. The sum is
	// layeredRequests' but for fractions of a byte, which it rounds up sooner.
	for i := range spec.Containers {
		list := spec.Containers[i].Resources.Requests
		if len(list) == 0 {
			nonZero.MilliCPU += defaultMilliCPU
			nonZero.Memory += defaultMemory
			continue
		}
		hasCPU, hasMemory := requested.add(list)
		if !hasCPU {
			nonZero.MilliCPU += defaultMilliCPU
		}
		if !hasMemory {
			nonZero.Memory += defaultMemory
		}
	}
	nonZero.MilliCPU += requested.MilliCPU
	nonZero.Memory += requested.Memory
	return requested, nonZero
}

// layeredRequests also knows init containers, sidecars, overhead and requests
// of the pod as a whole.
func layeredRequests(pod *corev1.Pod) (requested, nonZero Resource) {
	requested.add(resourcehelpers.PodRequests(pod, resourcehelpers.PodResourcesOptions{}))
	nonZero.add(resourcehelpers.PodRequests(pod, resourcehelpers.PodResourcesOptions{
		NonMissingContainerRequests: corev1.ResourceList{
			corev1.ResourceCPU:    *resource.NewMilliQuantity(defaultMilliCPU, resource.DecimalSI),
			corev1.ResourceMemory: *resource.NewQuantity(defaultMemory, resource.BinarySI),
		},
	}))
	return requested, nonZero
}
