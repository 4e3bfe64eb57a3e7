package kubeletsim

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	resourcehelper "k8s.io/component-helpers/resource"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// writeStatus reports the sandbox as the Pod's status. A sandbox without an address is not reported: it has just been created,
// and wakes the kubelet again when the API has given it one.
func (t *turn) writeStatus() {
	if t.podIP() == "" {
		t.plan.Observe("sandbox has no address yet")
		return
	}
	t.report()
}

// report writes the Pod's status, if that says anything new.
func (t *turn) report() {
	status := t.status()
	t.plan.Observe("phase %s, %d of %d containers ready", status.Phase, readyContainers(&status), len(t.pod.Spec.Containers))
	if sameStatus(&t.pod.Status, &status) {
		return
	}
	bare := *t.stored
	bare.Status = corev1.PodStatus{} // is replaced: no need to copy it
	pod := bare.DeepCopy()
	pod.Status = status
	t.plan.UpdateStatus(pod, summary(&status))
	t.tellWaits()
}

func (t *turn) podIP() string {
	if t.pod.Spec.HostNetwork {
		return t.machine.Spec.InternalIP
	}
	return t.sandbox.IP
}

// status works out the Pod's status from its sandbox.
//
// Upstream: pkg/kubelet (generateAPIPodStatus), without a second address family.
func (t *turn) status() corev1.PodStatus {
	s := t.pod.Status
	s.ObservedGeneration = t.pod.Generation
	s.HostIP = t.machine.Spec.InternalIP
	s.HostIPs = []corev1.HostIP{{IP: s.HostIP}}
	if s.PodIP = t.podIP(); s.PodIP != "" {
		s.PodIPs = []corev1.PodIP{{IP: s.PodIP}}
	}
	if s.StartTime == nil {
		s.StartTime = ptr.To(seconds(t.acknowledged()))
	}
	s.InitContainerStatuses = t.containerStatuses(t.pod.Spec.InitContainers, t.pod.Status.InitContainerStatuses)
	s.ContainerStatuses = t.containerStatuses(t.pod.Spec.Containers, t.pod.Status.ContainerStatuses)
	s.EphemeralContainerStatuses = t.ephemeralStatuses()
	s.AllocatedResources = resourcehelper.PodRequests(t.pod, resourcehelper.PodResourcesOptions{})
	s.Resources = &corev1.ResourceRequirements{
		Requests: s.AllocatedResources,
		Limits:   resourcehelper.PodLimits(t.pod, resourcehelper.PodResourcesOptions{}),
	}
	if s.Phase = t.phase(&s); s.Phase != t.pod.Status.Phase {
		s.Reason, s.Message = "", ""
	}
	if t.pastDeadline() && isTerminal(s.Phase) {
		s.Phase, s.Reason, s.Message = corev1.PodFailed, deadlineReason, deadlineMessage
	}
	s.Conditions = t.conditions(&s)
	slices.SortFunc(s.ContainerStatuses, func(a, b corev1.ContainerStatus) int { return strings.Compare(a.Name, b.Name) })
	return s
}

// acknowledged is when the kubelet took the Pod up: its first status comes after
// its sandbox, whose containers may have started with it.
func (t *turn) acknowledged() time.Time {
	if made := t.sandbox.CreationTimestamp; !made.IsZero() {
		return made.Time
	}
	return t.now
}

// phase sums up the containers.
//
// Upstream: pkg/kubelet (getPhase).
func (t *turn) phase(s *corev1.PodStatus) corev1.PodPhase {
	if t.initFailed() {
		return t.terminalPhase(corev1.PodFailed)
	}
	waits, runs, stopped, succeeded := 0, 0, 0, 0
	for i := range t.pod.Spec.InitContainers {
		spec, status := &t.pod.Spec.InitContainers[i], &s.InitContainerStatuses[i]
		switch {
		case isSidecar(spec) && status.State.Running != nil:
			runs++
		case t.anyRegularCreated() || status.State.Terminated != nil || status.LastTerminationState.Terminated != nil:
		default:
			waits++
		}
	}
	restarts := false
	for i := range t.pod.Spec.Containers {
		status := &s.ContainerStatuses[i]
		end := status.State.Terminated
		if end == nil {
			end = status.LastTerminationState.Terminated
		}
		switch {
		case status.State.Running != nil:
			runs++
		case end == nil:
			waits++
		default:
			stopped++
			if end.ExitCode == 0 {
				succeeded++
			}
			restarts = restarts || shouldRestart(t.pod, &t.pod.Spec.Containers[i], end.ExitCode)
		}
	}
	ended := corev1.PodFailed
	if stopped == succeeded && waits == 0 {
		ended = corev1.PodSucceeded
	}
	switch {
	case runs == 0 && (t.sandbox.StoppingSince != nil || t.pod.DeletionTimestamp != nil):
		return t.terminalPhase(ended)
	case waits > 0:
		return corev1.PodPending
	case runs > 0 || restarts:
		return corev1.PodRunning
	default:
		return t.terminalPhase(ended)
	}
}

// terminalPhase holds a terminal phase back while a container still runs.
//
// Upstream: pkg/kubelet/status (mergePodStatus).
func (t *turn) terminalPhase(phase corev1.PodPhase) corev1.PodPhase {
	if running(t.sandbox) > 0 && t.pod.Status.Phase != "" {
		return t.pod.Status.Phase
	}
	return phase
}

// seconds is a time as statuses have it: without fractions.
func seconds(t time.Time) metav1.Time { return metav1.NewTime(t.UTC().Truncate(time.Second)) }

func readyContainers(s *corev1.PodStatus) int {
	n := 0
	for i := range s.ContainerStatuses {
		if s.ContainerStatuses[i].Ready {
			n++
		}
	}
	return n
}

// summary is a status in a few words, as the reason for writing it.
func summary(s *corev1.PodStatus) string {
	for _, statuses := range [][]corev1.ContainerStatus{s.InitContainerStatuses, s.ContainerStatuses} {
		for i := range statuses {
			if w := statuses[i].State.Waiting; w != nil && w.Reason != "PodInitializing" {
				return fmt.Sprintf("phase %s: %s", s.Phase, w.Reason)
			}
		}
	}
	return fmt.Sprintf("phase %s, %d of %d containers ready", s.Phase, readyContainers(s), len(s.ContainerStatuses))
}

// sandboxReady says whether the sandbox still holds the Pod's network.
func sandboxReady(s *nodelocal.Sandbox) bool { return s.StoppingSince == nil || running(s) > 0 }
