package kubeletsim

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// startInitContainers runs the init containers one after the other and says
// whether the Pod is initialised. Sidecars (init containers that restart) only
// have to be started before the next one's turn, and are kept running.
//
// Upstream: pkg/kubelet/kuberuntime (computeInitContainerActions), without containers that the runtime has lost.
func (t *turn) startInitContainers() bool {
	initialised := t.anyRegularCreated()
	for i := range t.pod.Spec.InitContainers {
		spec := &t.pod.Spec.InitContainers[i]
		sidecar := isSidecar(spec)
		if initialised && !sidecar {
			continue
		}
		c := t.container(spec.Name)
		done := c != nil && c.State == nodelocal.ContainerExited && !sidecar && c.ExitCode == 0
		if done {
			continue
		}
		if c == nil || c.State == nodelocal.ContainerExited {
			if c != nil && !shouldRestart(t.pod, spec, c.ExitCode) {
				return false // it failed for good, and the Pod with it
			}
			if t.start(spec) != started && !initialised {
				return false
			}
			c = t.container(spec.Name)
		}
		if !initialised && (!sidecar || !t.hasStarted(spec, c)) {
			return false
		}
	}
	return true
}

// anyRegularCreated says whether a regular container was ever created, which
// means that the Pod was initialised then.
func (t *turn) anyRegularCreated() bool {
	for i := range t.pod.Spec.Containers {
		if t.container(t.pod.Spec.Containers[i].Name) != nil {
			return true
		}
	}
	return false
}

// initFailed says whether an init container has failed and is not restarted.
func (t *turn) initFailed() bool {
	for i := range t.pod.Spec.InitContainers {
		spec := &t.pod.Spec.InitContainers[i]
		c := t.container(spec.Name)
		if !isSidecar(spec) && c != nil && c.State == nodelocal.ContainerExited && c.ExitCode != 0 &&
			!shouldRestart(t.pod, spec, c.ExitCode) {
			return true
		}
	}
	return false
}

func isSidecar(spec *corev1.Container) bool {
	return spec.RestartPolicy != nil && *spec.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

func isInit(pod *corev1.Pod, container string) bool {
	for i := range pod.Spec.InitContainers {
		if pod.Spec.InitContainers[i].Name == container {
			return true
		}
	}
	return false
}
