package kinds

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	podapi "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// ephemeralContainers is how `kubectl debug` adds a container to a Pod that
// runs. Nothing else of the Pod can be written this way.
//
// Upstream: pkg/registry/core/pod (podEphemeralContainersStrategy).
func ephemeralContainers(pods versions[corev1.Pod, core.Pod]) *Subresource {
	return &Subresource{
		ResetFields: []string{}, // as for resize
		PrepareUpdate: pods.prepareUpdate(func(p, old *core.Pod) {
			added := p.Spec.EphemeralContainers
			p.Spec = old.Spec
			p.Spec.EphemeralContainers = added
			preparePodPart(p, old)
		}),
		ValidateUpdate: pods.validateUpdate(func(p, old *core.Pod) field.ErrorList {
			return validation.ValidatePodEphemeralContainersUpdate(p, old, podOptions(p, old))
		}, "ephemeralcontainers"),
	}
}

// preparePodPart keeps a Pod's status and most of its metadata when a part of
// its spec was written, and moves the generation if that has changed.
func preparePodPart(p, old *core.Pod) {
	metav1.ResetObjectMetaForStatus(&p.ObjectMeta, &old.ObjectMeta)
	p.Status = core.PodStatus{} // so that nothing is dropped from the old one in place
	podapi.DropDisabledPodFields(p, old)
	p.Status = old.Status
	if !equality.Semantic.DeepEqual(p.Spec, old.Spec) {
		p.Generation = old.Generation + 1
	}
}
