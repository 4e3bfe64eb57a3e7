package kubeletsim

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// containerStatuses reports containers, in the order of their specs.
//
// Upstream: pkg/kubelet (convertToAPIContainerStatuses), without containers that the runtime has lost.
func (t *turn) containerStatuses(specs []corev1.Container, old []corev1.ContainerStatus) []corev1.ContainerStatus {
	if len(specs) == 0 {
		return nil
	}
	statuses := make([]corev1.ContainerStatus, len(specs))
	for i := range specs {
		spec := &specs[i]
		s := &statuses[i]
		*s = corev1.ContainerStatus{Name: spec.Name, Image: spec.Image, VolumeMounts: volumeMounts(spec), Started: ptr.To(false)}
		if c := t.container(spec.Name); c != nil {
			t.fillStatus(s, spec, c)
		} else {
			s.State.Waiting = &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
			if len(t.pod.Spec.InitContainers) > 0 {
				s.State.Waiting.Reason = "PodInitializing"
			}
			keepLast(s, old)
		}
		if w := t.waitOf(spec.Name); w != nil {
			if s.State.Terminated != nil {
				s.LastTerminationState = s.State
			}
			s.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: w.reason, Message: w.message}}
		}
	}
	return statuses
}

// fillStatus reports a container that the runtime knows.
func (t *turn) fillStatus(s *corev1.ContainerStatus, spec *corev1.Container, c *nodelocal.Container) {
	if img, err := parseImage(c.Image); err == nil {
		s.Image = img.String()
	}
	s.ImageID = c.ImageID
	s.ContainerID = "containerd://" + c.ID
	s.RestartCount = int32(c.Attempt)
	s.AllocatedResources = spec.Resources.Requests.DeepCopy()
	s.Resources = spec.Resources.DeepCopy()
	if c.State == nodelocal.ContainerRunning {
		s.Resources = given(c)
	}
	s.User = user(t.pod, spec)
	if c.Last != nil {
		s.LastTerminationState.Terminated = terminated(c.Last)
	}
	if c.State != nodelocal.ContainerRunning {
		s.State.Terminated = terminated(c)
		s.Ready = isInit(t.pod, spec.Name) && !isSidecar(spec) && c.ExitCode == 0
		return
	}
	s.State.Running = &corev1.ContainerStateRunning{StartedAt: seconds(c.Started.Time)}
	s.Started = ptr.To(t.hasStarted(spec, c))
	if isSidecar(spec) || !isInit(t.pod, spec.Name) {
		s.Ready = t.isReady(spec, c)
	}
}

func terminated(c *nodelocal.Container) *corev1.ContainerStateTerminated {
	return &corev1.ContainerStateTerminated{
		ExitCode:    c.ExitCode,
		Reason:      c.Reason,
		Message:     c.Message,
		StartedAt:   seconds(c.Started.Time),
		FinishedAt:  seconds(c.Finished.Time),
		ContainerID: "containerd://" + c.ID,
	}
}

// keepLast keeps what was known of a container that does not exist.
func keepLast(s *corev1.ContainerStatus, old []corev1.ContainerStatus) {
	for i := range old {
		if old[i].Name == s.Name {
			s.RestartCount = old[i].RestartCount
			s.LastTerminationState = old[i].LastTerminationState
		}
	}
}

func volumeMounts(spec *corev1.Container) []corev1.VolumeMountStatus {
	var mounts []corev1.VolumeMountStatus
	for _, m := range spec.VolumeMounts {
		status := corev1.VolumeMountStatus{Name: m.Name, MountPath: m.MountPath, ReadOnly: m.ReadOnly}
		if m.ReadOnly {
			status.RecursiveReadOnly = ptr.To(corev1.RecursiveReadOnlyDisabled)
		}
		mounts = append(mounts, status)
	}
	return mounts
}

// user is who a container's process runs as. Images are taken to run as root
// unless the Pod says otherwise.
func user(pod *corev1.Pod, spec *corev1.Container) *corev1.ContainerUser {
	u := &corev1.LinuxContainerUser{}
	if ctx := pod.Spec.SecurityContext; ctx != nil {
		u.UID = ptr.Deref(ctx.RunAsUser, 0)
		u.GID = ptr.Deref(ctx.RunAsGroup, 0)
		u.SupplementalGroups = append(u.SupplementalGroups, ctx.SupplementalGroups...)
		if ctx.FSGroup != nil {
			u.SupplementalGroups = append(u.SupplementalGroups, *ctx.FSGroup)
		}
	}
	if ctx := spec.SecurityContext; ctx != nil {
		u.UID = ptr.Deref(ctx.RunAsUser, u.UID)
		u.GID = ptr.Deref(ctx.RunAsGroup, u.GID)
	}
	u.SupplementalGroups = append(u.SupplementalGroups, u.GID)
	slices.Sort(u.SupplementalGroups)
	u.SupplementalGroups = slices.Compact(u.SupplementalGroups)
	return &corev1.ContainerUser{Linux: u}
}
