package kubeletsim

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// terminate stops the containers of a deleted Pod, reports how they ended, and
// lets the Pod go.
//
// Upstream: pkg/kubelet (SyncTerminatingPod, SyncTerminatedPod), without a last status for a Pod that never had a sandbox.
func (t *turn) terminate() {
	if t.sandbox == nil {
		t.letGo()
		return
	}
	t.keepResize()
	t.reapExited()
	grace := ptr.Deref(t.pod.DeletionGracePeriodSeconds, gracePeriod(t.pod))
	t.stop(grace)
	t.hasten(grace)
	if running(t.sandbox) > 0 {
		t.writeSandbox()
		return
	}
	t.sandbox.StoppingSince = ptr.To(metav1.NewMicroTime(t.now))
	t.writeStatus()
	t.plan.Delete(t.sandbox, "its containers have ended")
	t.letGo()
}

// letGo deletes the Pod for good. It is not asked for twice: a Pod that stays
// with a grace period of zero is held by a finalizer.
func (t *turn) letGo() {
	if grace := t.pod.DeletionGracePeriodSeconds; grace != nil && *grace == 0 {
		return
	}
	t.plan.DeleteWith(t.pod, metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0)}, "nothing of it runs any more")
}

// windUp stops what is left of a Pod that was declared to have ended.
func (t *turn) windUp() {
	if t.sandbox != nil && running(t.sandbox) > 0 {
		t.reapExited()
		t.stop(gracePeriod(t.pod))
		t.writeSandbox()
	}
}

// gracePeriod is the Pod's own, in seconds.
func gracePeriod(pod *corev1.Pod) int64 {
	return ptr.Deref(pod.Spec.TerminationGracePeriodSeconds, corev1.DefaultTerminationGracePeriodSeconds)
}

// graceDuration is what every container gets, whatever was asked for: two
// seconds at the least.
func graceDuration(seconds int64) time.Duration { return time.Duration(max(seconds, 2)) * time.Second }

// killed is the exit code of a program that got SIGKILL.
const killed int32 = 128 + 9

// stop tells all running containers to end, once. Those that have not when the
// grace period is over are killed. Sidecars are told last, in reverse order.
//
// Upstream: pkg/kubelet/kuberuntime (killContainersWithSyncResult), without pre-stop hooks other than a sleep.
func (t *turn) stop(graceSeconds int64) {
	if t.sandbox.StoppingSince != nil || running(t.sandbox) == 0 {
		return
	}
	t.changed("stop its containers")
	t.sandbox.StoppingSince = ptr.To(metav1.NewMicroTime(t.now))
	deadline := t.now.Add(graceDuration(graceSeconds))
	told := t.now // when the sidecars are told
	for i := range t.sandbox.Containers {
		c := &t.sandbox.Containers[i]
		if c.State != nodelocal.ContainerRunning {
			continue
		}
		t.tellOf(c.Name, corev1.EventTypeNormal, "Killing", "Stopping container "+c.Name)
		if spec := containerSpec(t.pod, c.Name); spec == nil || !isSidecar(spec) {
			stopContainer(c, t.now.Add(preStop(spec)), deadline)
			told = latest(told, c.Exits.Time)
		}
	}
	for i := len(t.pod.Spec.InitContainers) - 1; i >= 0; i-- {
		spec := &t.pod.Spec.InitContainers[i]
		c := t.container(spec.Name)
		if isSidecar(spec) && c != nil && c.State == nodelocal.ContainerRunning {
			stopContainer(c, told.Add(preStop(spec)), deadline)
			told = c.Exits.Time
		}
	}
	for i := range t.sandbox.Containers {
		if c := &t.sandbox.Containers[i]; c.State == nodelocal.ContainerRunning {
			t.alarm.expect(c.Exits.Time, "until "+c.Name+" has stopped")
		}
	}
}

// hasten kills earlier what was promised a longer grace period: a Pod can be
// deleted again with a shorter one.
func (t *turn) hasten(graceSeconds int64) {
	if t.sandbox.StoppingSince == nil {
		return
	}
	deadline := t.sandbox.StoppingSince.Add(graceDuration(graceSeconds))
	for i := range t.sandbox.Containers {
		c := &t.sandbox.Containers[i]
		if c.State == nodelocal.ContainerRunning && c.Exits.After(deadline) {
			c.Exits, c.ExitCode = metav1.NewMicroTime(latest(deadline, t.now)), killed
			t.changed("kill " + c.Name + " earlier")
			t.alarm.expect(c.Exits.Time, "until "+c.Name+" has stopped")
		}
	}
}

// stopContainer foresees how a running container ends when it is sent SIGTERM
// at a moment, and SIGKILL at the deadline.
func stopContainer(c *nodelocal.Container, sigterm, deadline time.Time) {
	ends, code := deadline, killed
	if after := c.StopsAfter.Duration; after >= 0 && sigterm.Add(after).Before(deadline) {
		ends, code = sigterm.Add(after), 0
	}
	if c.Exits.IsZero() || ends.Before(c.Exits.Time) {
		c.Exits, c.ExitCode = metav1.NewMicroTime(ends), code
	}
	c.Stopping = true
}

// preStop is how long a container's pre-stop hook takes: a sleep, as an action
// or as a command; anything else is done at once.
func preStop(spec *corev1.Container) time.Duration {
	if spec == nil || spec.Lifecycle == nil || spec.Lifecycle.PreStop == nil {
		return 0
	}
	hook := spec.Lifecycle.PreStop
	switch {
	case hook.Sleep != nil:
		return time.Duration(hook.Sleep.Seconds) * time.Second
	case hook.Exec != nil && len(hook.Exec.Command) > 0:
		r, _ := runCommand(hook.Exec.Command, Environment{})
		return max(r.ExitsAfter, 0)
	}
	return 0
}

// stopWhenDone winds the sandbox up when the Pod has nothing left to run: its
// containers have ended for good, or an init container has.
func (t *turn) stopWhenDone() {
	if t.sandbox.StoppingSince != nil || !t.initFailed() && !t.regularsDone() {
		return
	}
	if running(t.sandbox) > 0 {
		t.stop(gracePeriod(t.pod))
		return
	}
	t.sandbox.StoppingSince = ptr.To(metav1.NewMicroTime(t.now))
	t.changed("nothing is left to run")
}

func (t *turn) regularsDone() bool {
	for i := range t.pod.Spec.Containers {
		spec := &t.pod.Spec.Containers[i]
		c := t.container(spec.Name)
		if c == nil || c.State == nodelocal.ContainerRunning || t.runsAgain(spec, c) {
			return false
		}
	}
	return true
}

func containerSpec(pod *corev1.Pod, name string) *corev1.Container {
	for _, specs := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range specs {
			if specs[i].Name == name {
				return &specs[i]
			}
		}
	}
	return nil
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
