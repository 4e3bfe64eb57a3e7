package kubeletsim

import (
	corev1 "k8s.io/api/core/v1"
)

// startEphemeralContainers runs the containers that `kubectl debug` adds, each
// once. They do not wait for init containers: those may be what is debugged.
//
// Upstream: pkg/kubelet/kuberuntime (SyncPod, step 5).
func (t *turn) startEphemeralContainers() {
	for i := range t.pod.Spec.EphemeralContainers {
		if spec := ephemeral(t.pod, i); t.container(spec.Name) == nil {
			t.start(spec)
		}
	}
}

// ephemeral is an ephemeral container as the container that it would be.
func ephemeral(pod *corev1.Pod, i int) *corev1.Container {
	return (*corev1.Container)(&pod.Spec.EphemeralContainers[i].EphemeralContainerCommon)
}

// ephemeralStatuses reports ephemeral containers. They are never ready, and
// nobody waits for them to have started.
func (t *turn) ephemeralStatuses() []corev1.ContainerStatus {
	if len(t.pod.Spec.EphemeralContainers) == 0 {
		return nil
	}
	specs := make([]corev1.Container, len(t.pod.Spec.EphemeralContainers))
	for i := range specs {
		specs[i] = *ephemeral(t.pod, i)
	}
	statuses := t.containerStatuses(specs, t.pod.Status.EphemeralContainerStatuses)
	for i := range statuses {
		statuses[i].Ready, statuses[i].Started = false, nil
	}
	return statuses
}

func isEphemeral(pod *corev1.Pod, container string) bool {
	for i := range pod.Spec.EphemeralContainers {
		if pod.Spec.EphemeralContainers[i].Name == container {
			return true
		}
	}
	return false
}
