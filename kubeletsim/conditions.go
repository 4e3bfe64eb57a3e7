package kubeletsim

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// conditions are those that others own, as they are, and then the kubelet's.
//
// Upstream: pkg/kubelet/status (generate.go), without AllContainersRestarting.
func (t *turn) conditions(s *corev1.PodStatus) []corev1.PodCondition {
	all := make([]corev1.PodCondition, 0, len(t.pod.Status.Conditions)+5)
	for _, c := range t.pod.Status.Conditions {
		if !ownedByKubelet(c.Type) {
			all = append(all, c)
		}
	}
	containersReady := t.containersReady(s)
	ready := containersReady
	if ready.Status == corev1.ConditionTrue {
		ready = gatesReady(t.pod, all)
	}
	ready.Type = corev1.PodReady
	own := []corev1.PodCondition{
		t.readyToStart(), t.initialized(s), ready, containersReady,
		{Type: corev1.PodScheduled, Status: corev1.ConditionTrue},
	}
	for _, c := range own {
		c.ObservedGeneration = t.pod.Generation
		c.LastTransitionTime = seconds(t.now)
		if old := podCondition(t.pod, c.Type); old != nil && old.Status == c.Status {
			c.LastTransitionTime = old.LastTransitionTime
		}
		all = append(all, c)
	}
	return append(all, t.resizeConditions(s.Phase)...)
}

func ownedByKubelet(condition corev1.PodConditionType) bool {
	switch condition {
	case corev1.PodReadyToStartContainers, corev1.PodInitialized, corev1.PodReady, corev1.ContainersReady, corev1.PodScheduled,
		corev1.PodResizePending, corev1.PodResizeInProgress:
		return true
	}
	return false
}

func podCondition(pod *corev1.Pod, condition corev1.PodConditionType) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == condition {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}

func (t *turn) readyToStart() corev1.PodCondition {
	c := corev1.PodCondition{Type: corev1.PodReadyToStartContainers, Status: corev1.ConditionTrue}
	switch {
	case t.noSandbox:
		c.Status, c.Reason, c.Message = corev1.ConditionFalse, "PodSandboxNotReady", "no pod sandbox exists"
	case !sandboxReady(t.sandbox):
		c.Status, c.Reason, c.Message = corev1.ConditionFalse, "PodSandboxNotReady", "pod sandbox is not ready"
	}
	return c
}

func (t *turn) initialized(s *corev1.PodStatus) corev1.PodCondition {
	c := corev1.PodCondition{Type: corev1.PodInitialized, Status: corev1.ConditionTrue}
	if s.Phase == corev1.PodSucceeded {
		c.Reason = "PodCompleted"
		return c
	}
	if t.anyRegularCreated() {
		return c
	}
	var incomplete []string
	for i := range s.InitContainerStatuses {
		status := &s.InitContainerStatuses[i]
		complete := status.Ready
		if isSidecar(&t.pod.Spec.InitContainers[i]) {
			complete = *status.Started
		}
		if !complete {
			incomplete = append(incomplete, status.Name)
		}
	}
	if len(incomplete) > 0 {
		c.Status, c.Reason = corev1.ConditionFalse, "ContainersNotInitialized"
		c.Message = fmt.Sprintf("containers with incomplete status: %s", incomplete)
	}
	return c
}

func (t *turn) containersReady(s *corev1.PodStatus) corev1.PodCondition {
	c := corev1.PodCondition{Type: corev1.ContainersReady, Status: corev1.ConditionFalse}
	switch s.Phase {
	case corev1.PodSucceeded:
		c.Reason = "PodCompleted"
		return c
	case corev1.PodFailed:
		c.Reason = "PodFailed"
		return c
	}
	var unready []string
	for i := range s.InitContainerStatuses {
		if status := &s.InitContainerStatuses[i]; isSidecar(&t.pod.Spec.InitContainers[i]) && !status.Ready {
			unready = append(unready, status.Name)
		}
	}
	for i := range s.ContainerStatuses {
		if status := &s.ContainerStatuses[i]; !status.Ready {
			unready = append(unready, status.Name)
		}
	}
	if len(unready) == 0 {
		c.Status = corev1.ConditionTrue
		return c
	}
	c.Reason, c.Message = "ContainersNotReady", fmt.Sprintf("containers with unready status: %s", unready)
	return c
}

// gatesReady is the Ready condition of a Pod whose containers are ready: its
// readiness gates decide.
func gatesReady(pod *corev1.Pod, conditions []corev1.PodCondition) corev1.PodCondition {
	c := corev1.PodCondition{Status: corev1.ConditionTrue}
	var unready []string
	for _, gate := range pod.Spec.ReadinessGates {
		i := slices.IndexFunc(conditions, func(c corev1.PodCondition) bool { return c.Type == gate.ConditionType })
		switch {
		case i < 0:
			unready = append(unready, fmt.Sprintf("corresponding condition of pod readiness gate %q does not exist.", gate.ConditionType))
		case conditions[i].Status != corev1.ConditionTrue:
			unready = append(unready, fmt.Sprintf("the status of pod readiness gate %q is not \"True\", but %v", gate.ConditionType, conditions[i].Status))
		}
	}
	if len(unready) > 0 {
		c.Status, c.Reason, c.Message = corev1.ConditionFalse, "ReadinessGatesNotReady", strings.Join(unready, ", ")
	}
	return c
}
