package scheduler

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// maxEventMessage is how long an event's note may be.
const maxEventMessage = 1024

// failure is a pod for which no node was found.
type failure struct {
	pod             *corev1.Pod
	reason, message string // of the PodScheduled condition
}

// report adds the FailedScheduling event and the PodScheduled=False condition
// to the plan, unless the pod has that very condition already.
//
// Upstream: pkg/scheduler (handleSchedulingFailure) repeats the event at every attempt, here it is recorded when the reason changes, because every wake-up tries all waiting pods again.
func (f failure) report(plan *reconcile.Plan, now time.Time) {
	condition := corev1.PodCondition{
		Type:               corev1.PodScheduled,
		ObservedGeneration: f.pod.Generation,
		Status:             corev1.ConditionFalse,
		LastTransitionTime: metav1.NewTime(now),
		Reason:             f.reason,
		Message:            f.message,
	}
	at := slices.IndexFunc(f.pod.Status.Conditions, func(c corev1.PodCondition) bool { return c.Type == condition.Type })
	if at >= 0 {
		old := f.pod.Status.Conditions[at]
		if old.Status == condition.Status {
			if old.Reason == condition.Reason && old.Message == condition.Message {
				return
			}
			condition.LastTransitionTime = old.LastTransitionTime
		}
	}
	plan.Event(f.pod, corev1.EventTypeWarning, "FailedScheduling", truncated(f.message))
	updated := f.pod.DeepCopy()
	if at >= 0 {
		updated.Status.Conditions[at] = condition
	} else {
		updated.Status.Conditions = append(updated.Status.Conditions, condition)
	}
	plan.UpdateStatus(updated, "say why no node was found")
}

func truncated(message string) string {
	const ellipsis = " ..."
	if len(message) <= maxEventMessage {
		return message
	}
	return message[:maxEventMessage-len(ellipsis)] + ellipsis
}
