package kinds

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	podapi "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/features"
)

// resize is how the resources of a Pod's containers are changed in place.
//
// Upstream: pkg/registry/core/pod (podResizeStrategy).
func resize(pods versions[corev1.Pod, core.Pod]) *Subresource {
	return &Subresource{
		ResetFields:   []string{}, // upstream's filter is not asked, so that writers come to manage what is put back
		PrepareUpdate: pods.prepareUpdate(prepareResize),
		ValidateUpdate: pods.validateUpdate(func(p, old *core.Pod) field.ErrorList {
			return validation.ValidatePodResize(p, old, podOptions(p, old))
		}, "resize"),
	}
}

// prepareResize keeps all but resources and resize policies. A Pod whose
// containers are not the old ones is left as it is, for validation to refuse.
func prepareResize(p, old *core.Pod) {
	if sameContainers(p.Spec.Containers, old.Spec.Containers) && sameContainers(p.Spec.InitContainers, old.Spec.InitContainers) {
		wanted := p.Spec
		p.Spec = old.Spec
		p.Spec.Containers = resized(wanted.Containers, old.Spec.Containers)
		p.Spec.InitContainers = resized(wanted.InitContainers, old.Spec.InitContainers)
		if enabled(features.InPlacePodLevelResourcesVerticalScaling) {
			p.Spec.Resources = wanted.Resources
		}
		if enabled(features.InPlacePodVerticalScalingMemoryBackedVolumes) {
			p.Spec.Volumes = wanted.Volumes
		}
	}
	if enabled(features.PodLevelResourcesFixDefaulting) {
		if p.Spec.Resources == nil && old.Spec.Resources != nil {
			p.Spec.Resources = old.Spec.Resources.DeepCopy() // a client that does not know the field has not cleared it
		}
		if p.Spec.Resources != nil {
			podapi.DefaultPodLevelResources(p)
		}
	}
	preparePodPart(p, old)
}

func sameContainers(a, b []core.Container) bool {
	return slices.EqualFunc(a, b, func(a, b core.Container) bool { return a.Name == b.Name })
}

// resized are the old containers with the resources of the wanted ones.
func resized(wanted, old []core.Container) []core.Container {
	containers := slices.Clone(old)
	for i := range containers {
		containers[i].Resources = wanted[i].Resources
		containers[i].ResizePolicy = wanted[i].ResizePolicy
	}
	return containers
}
