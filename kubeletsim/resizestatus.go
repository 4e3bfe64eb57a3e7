package kubeletsim

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// deferResize notes that the turn's Pod asks for more than there is, and tells
// it once for each generation of the Pod.
func (t *turn) deferResize(short corev1.ResourceName, why string) {
	old := podCondition(t.pod, corev1.PodResizePending)
	t.pending = t.resizeCondition(corev1.PodResizePending, corev1.PodReasonDeferred, why, t.pod.Generation)
	if old == nil || old.Reason != t.pending.Reason || old.ObservedGeneration != t.pending.ObservedGeneration {
		t.tell(corev1.EventTypeWarning, "ResizeDeferred", resizeMessage("OutOf"+string(short), t.pod, t.pod.Generation, why))
	}
	t.alarm.routine(t.now.Add(resizeRetry), "to try the resize again")
}

// followResize notes whether a resize is under way, and tells when it is done.
// The condition keeps the generation of the Pod whose resources are being given.
//
// Upstream: pkg/kubelet (SyncPod), without errors of the runtime: it can give whatever there is.
func (t *turn) followResize() {
	generation, begun := t.pod.Generation, t.allocated
	if old := podCondition(t.pod, corev1.PodResizeInProgress); old != nil && !begun {
		generation, begun = old.ObservedGeneration, true
	}
	switch {
	case t.resizing():
		t.underWay = t.resizeCondition(corev1.PodResizeInProgress, "", "", generation)
	case begun:
		t.tell(corev1.EventTypeNormal, "ResizeCompleted", resizeMessage("completed", t.pod, generation, ""))
	}
}

// keepResize has a Pod that is being stopped report what it last did.
func (t *turn) keepResize() {
	if !isAllocated(t.pod, t.sandbox.Allocated) {
		t.takeAllocated()
	}
	t.pending = podCondition(t.pod, corev1.PodResizePending)
	t.underWay = podCondition(t.pod, corev1.PodResizeInProgress)
}

// resizeCondition is a condition with the times of the Pod's last one, as far
// as it says the same.
func (t *turn) resizeCondition(condition corev1.PodConditionType, reason, message string, generation int64) *corev1.PodCondition {
	now := seconds(t.now)
	c := &corev1.PodCondition{
		Type: condition, Status: corev1.ConditionTrue, Reason: reason, Message: message, ObservedGeneration: generation,
		LastProbeTime: now, LastTransitionTime: now,
	}
	if old := podCondition(t.pod, condition); old != nil && old.Reason == reason {
		c.LastTransitionTime = old.LastTransitionTime
		if old.Message == message && old.ObservedGeneration == generation {
			c.LastProbeTime = old.LastProbeTime
		}
	}
	return c
}

// resizeConditions tell of a resize that waits, and of one under way.
func (t *turn) resizeConditions(phase corev1.PodPhase) []corev1.PodCondition {
	var conditions []corev1.PodCondition
	for _, c := range []*corev1.PodCondition{t.pending, t.underWay} {
		if c != nil && !isTerminal(phase) {
			conditions = append(conditions, *c)
		}
	}
	return conditions
}

// resizeSummary is what events about a resize say in JSON.
type resizeSummary struct {
	InitContainers []containerSummary `json:"initContainers,omitempty"`
	Containers     []containerSummary `json:"containers,omitempty"`
	Generation     int64              `json:"generation"`
	Error          string             `json:"error,omitempty"`
}

type containerSummary struct {
	Name      string                      `json:"name"`
	Resources corev1.ResourceRequirements `json:"resources"`
}

// resizeMessage says how far the resize to a Pod's resources has come.
//
// Upstream: pkg/kubelet/events (podResizeMessage).
func resizeMessage(state string, pod *corev1.Pod, generation int64, why string) string {
	summary, err := json.Marshal(resizeSummary{
		InitContainers: summarise(pod.Spec.InitContainers),
		Containers:     summarise(pod.Spec.Containers),
		Generation:     generation,
		Error:          why,
	})
	if err != nil {
		return "Pod resize " + state
	}
	return fmt.Sprintf("Pod resize %s: %s", state, summary)
}

func summarise(specs []corev1.Container) []containerSummary {
	summaries := make([]containerSummary, len(specs))
	for i := range specs {
		summaries[i] = containerSummary{Name: specs[i].Name, Resources: specs[i].Resources}
	}
	return summaries
}
