package kubeletsim

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// sameStatus says whether two statuses of one Pod report the same. It compares
// what changes in a Pod's life; the rest follows from the spec, whose changes
// show in observedGeneration. A turn that has nothing to say is the most
// frequent one, so this does without reflection.
func sameStatus(a, b *corev1.PodStatus) bool {
	return a.Phase == b.Phase && a.Reason == b.Reason && a.Message == b.Message &&
		a.ObservedGeneration == b.ObservedGeneration && a.HostIP == b.HostIP && a.PodIP == b.PodIP &&
		a.StartTime.Equal(b.StartTime) &&
		slices.EqualFunc(a.Conditions, b.Conditions, sameCondition) &&
		slices.EqualFunc(a.InitContainerStatuses, b.InitContainerStatuses, sameContainer) &&
		slices.EqualFunc(a.ContainerStatuses, b.ContainerStatuses, sameContainer) &&
		slices.EqualFunc(a.EphemeralContainerStatuses, b.EphemeralContainerStatuses, sameContainer)
}

func sameCondition(a, b corev1.PodCondition) bool {
	return a.Type == b.Type && a.Status == b.Status && a.Reason == b.Reason && a.Message == b.Message &&
		a.ObservedGeneration == b.ObservedGeneration && a.LastTransitionTime.Equal(&b.LastTransitionTime)
}

func sameContainer(a, b corev1.ContainerStatus) bool {
	return a.Name == b.Name && a.Image == b.Image && a.ImageID == b.ImageID && a.ContainerID == b.ContainerID &&
		a.RestartCount == b.RestartCount && a.Ready == b.Ready && ptr.Equal(a.Started, b.Started) &&
		sameState(&a.State, &b.State) && sameState(&a.LastTerminationState, &b.LastTerminationState)
}

func sameState(a, b *corev1.ContainerState) bool {
	return ptr.Equal(a.Waiting, b.Waiting) &&
		(a.Running == nil) == (b.Running == nil) &&
		(a.Running == nil || a.Running.StartedAt.Equal(&b.Running.StartedAt)) &&
		(a.Terminated == nil) == (b.Terminated == nil) &&
		(a.Terminated == nil || sameEnd(a.Terminated, b.Terminated))
}

func sameEnd(a, b *corev1.ContainerStateTerminated) bool {
	return a.ContainerID == b.ContainerID && a.ExitCode == b.ExitCode && a.Reason == b.Reason && a.FinishedAt.Equal(&b.FinishedAt)
}
