package kubeletsim

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// Log is what a container has written so far.
type Log struct {
	Lines []nodelocal.LogLine
	// Open says that the container runs, so that more may come.
	Open bool
}

// ReadLog reads the log of a Pod's container: of its newest instance, or of
// the one before. sandbox is nil if there is none. The error says why there is
// no log, in the kubelet's words.
//
// Upstream: pkg/kubelet (validateContainerLogStatus), without telling standard error from standard output.
func ReadLog(pod *corev1.Pod, sandbox *nodelocal.Sandbox, container string, previous bool) (Log, error) {
	if err := hasLog(pod, container, previous); err != nil {
		return Log{}, err
	}
	if sandbox == nil {
		return Log{}, nil
	}
	c := findContainer(sandbox, container)
	switch {
	case c == nil:
		return Log{}, nil
	case !previous:
		return Log{Lines: c.Log, Open: c.State == nodelocal.ContainerRunning}, nil
	case c.Last == nil:
		return Log{}, nil
	}
	return Log{Lines: c.Last.Log}, nil
}

// hasLog says why a container has no log, judging by the Pod's status.
func hasLog(pod *corev1.Pod, container string, previous bool) error {
	status := statusOf(pod, container)
	switch {
	case status == nil:
		return fmt.Errorf("container %q in pod %q is not available", container, pod.Name)
	case previous && status.LastTerminationState.Terminated == nil:
		return fmt.Errorf("previous terminated container %q in pod %q not found", container, pod.Name)
	case previous, status.State.Running != nil, status.State.Terminated != nil, status.LastTerminationState.Terminated != nil:
		return nil
	case status.State.Waiting == nil:
		return fmt.Errorf("container %q in pod %q is waiting to start - no logs yet", container, pod.Name)
	}
	why := status.State.Waiting.Reason
	switch why {
	case "ErrImagePull":
		why = "image can't be pulled"
	case "ImagePullBackOff":
		why = "trying and failing to pull image"
	}
	return fmt.Errorf("container %q in pod %q is waiting to start: %s", container, pod.Name, why)
}

// statusOf is a container's status, whatever sort of container it is, or nil.
func statusOf(pod *corev1.Pod, container string) *corev1.ContainerStatus {
	for _, statuses := range [][]corev1.ContainerStatus{
		pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses, pod.Status.EphemeralContainerStatuses,
	} {
		for i := range statuses {
			if statuses[i].Name == container {
				return &statuses[i]
			}
		}
	}
	return nil
}
