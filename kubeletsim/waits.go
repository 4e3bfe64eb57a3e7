package kubeletsim

import corev1 "k8s.io/api/core/v1"

// wait is why a container is not running: what its status shows, and the
// events to tell when it starts to show it.
type wait struct {
	container, reason, message string
	events                     []event
}

type event struct{ eventType, reason, message string }

func warning(reason, message string) event { return event{corev1.EventTypeWarning, reason, message} }
func normal(reason, message string) event  { return event{corev1.EventTypeNormal, reason, message} }

func (t *turn) wait(container, reason, message string, events ...event) {
	t.waits = append(t.waits, wait{container, reason, message, events})
}

func (t *turn) waitOf(container string) *wait {
	for i := range t.waits {
		if t.waits[i].container == container {
			return &t.waits[i]
		}
	}
	return nil
}

// tellWaits sends the events of the waits that the Pod's status did not show yet.
func (t *turn) tellWaits() {
	for _, w := range t.waits {
		if shown := waitingReason(t.pod, w.container); shown == w.reason {
			continue
		}
		for _, e := range w.events {
			t.plan.EventIn(t.pod, containerPath(t.pod, w.container), e.eventType, e.reason, e.message)
		}
	}
}

func waitingReason(pod *corev1.Pod, container string) string {
	for _, statuses := range [][]corev1.ContainerStatus{pod.Status.ContainerStatuses, pod.Status.InitContainerStatuses, pod.Status.EphemeralContainerStatuses} {
		for i := range statuses {
			if s := &statuses[i]; s.Name == container && s.State.Waiting != nil {
				return s.State.Waiting.Reason
			}
		}
	}
	return ""
}
