package kubeletsim

import (
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

const (
	deadlineReason  = "DeadlineExceeded"
	deadlineMessage = "Pod was active on the node longer than the specified deadline"
)

// enforceDeadline stops a Pod that has been active for longer than its
// activeDeadlineSeconds.
func (t *turn) enforceDeadline() {
	deadline, ok := activeDeadline(t.pod)
	switch {
	case !ok || t.sandbox.StoppingSince != nil:
	case deadline.After(t.now):
		t.alarm.routine(deadline, "to enforce activeDeadlineSeconds="+strconv.FormatInt(*t.pod.Spec.ActiveDeadlineSeconds, 10))
	default:
		t.tell(corev1.EventTypeNormal, deadlineReason, deadlineMessage)
		t.stop(gracePeriod(t.pod))
		if t.sandbox.StoppingSince == nil {
			t.sandbox.StoppingSince = ptr.To(metav1.NewMicroTime(t.now))
			t.changed("its deadline has passed")
		}
	}
}

func activeDeadline(pod *corev1.Pod) (time.Time, bool) {
	if pod.Spec.ActiveDeadlineSeconds == nil || pod.Status.StartTime == nil {
		return time.Time{}, false
	}
	return pod.Status.StartTime.Add(time.Duration(*pod.Spec.ActiveDeadlineSeconds) * time.Second), true
}

// pastDeadline says whether the sandbox was stopped because of the deadline.
func (t *turn) pastDeadline() bool {
	deadline, ok := activeDeadline(t.pod)
	return ok && t.sandbox.StoppingSince != nil && !t.sandbox.StoppingSince.Time.Before(deadline)
}
