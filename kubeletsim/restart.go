package kubeletsim

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// The back-off between restarts, as upstream's kubelet has it by default.
const (
	initialBackOff = 10 * time.Second
	maxBackOff     = 5 * time.Minute
	// backOffReset is how long a container must have run to be forgiven.
	backOffReset = 2 * maxBackOff
	// outcomeShown is how long a failure shows as itself before the wait that
	// follows it does: about the time until upstream's next sync.
	outcomeShown = time.Second
)

// shouldRestart says whether a container that ended is to be started again.
//
// Upstream: pkg/api/v1/pod (ContainerShouldRestart), without the RestartAllContainers action.
func shouldRestart(pod *corev1.Pod, spec *corev1.Container, exitCode int32) bool {
	policy := pod.Spec.RestartPolicy
	if spec.RestartPolicy != nil {
		for _, rule := range spec.RestartPolicyRules {
			if rule.Action == corev1.ContainerRestartRuleActionRestart && matchesExitCode(rule.ExitCodes, exitCode) {
				return true
			}
		}
		policy = corev1.RestartPolicy(*spec.RestartPolicy)
	}
	switch policy {
	case corev1.RestartPolicyNever:
		return false
	case corev1.RestartPolicyOnFailure:
		return exitCode != 0
	}
	return true
}

// restartsWhenUnhealthy says whether a container that the kubelet kills for a
// failed probe is started again, however it ends.
//
// Upstream: pkg/kubelet/kuberuntime (computePodActions).
func restartsWhenUnhealthy(pod *corev1.Pod, spec *corev1.Container) bool {
	if spec.RestartPolicy != nil {
		return *spec.RestartPolicy != corev1.ContainerRestartPolicyNever
	}
	return pod.Spec.RestartPolicy != corev1.RestartPolicyNever
}

func matchesExitCode(codes *corev1.ContainerRestartRuleOnExitCodes, exitCode int32) bool {
	if codes == nil {
		return false
	}
	listed := slices.Contains(codes.Values, exitCode)
	return listed == (codes.Operator == corev1.ContainerRestartRuleOnExitCodesOpIn)
}

// backsOff says whether a container that ended must still wait for its
// restart. The first restart is free, and so is one with another image.
//
// Upstream: pkg/kubelet/kuberuntime (doBackOff), without one BackOff event for each sync: there is one for each wait.
func (t *turn) backsOff(spec *corev1.Container, last *nodelocal.Container) bool {
	if !t.inBackOff(spec, last) {
		return false
	}
	if shown := last.Finished.Add(outcomeShown); shown.After(t.now) {
		t.alarm.expect(shown, "to back off from "+last.Name)
		return true
	}
	name := fmt.Sprintf("%s_%s(%s)", t.pod.Name, t.pod.Namespace, t.pod.UID)
	t.wait(last.Name, "CrashLoopBackOff",
		fmt.Sprintf("back-off %s restarting failed container=%s pod=%s", last.BackOff.Duration, last.Name, name),
		warning("BackOff", fmt.Sprintf("Back-off restarting failed container %s in pod %s", last.Name, name)))
	t.alarm.routine(last.Finished.Add(last.BackOff.Duration), "to restart "+last.Name)
	return true
}

func (t *turn) inBackOff(spec *corev1.Container, last *nodelocal.Container) bool {
	return last.Image == spec.Image && !ranLong(last) && last.Finished.Add(last.BackOff.Duration).After(t.now)
}

// nextBackOff is what the instance after last must wait if it fails too.
func nextBackOff(spec *corev1.Container, last *nodelocal.Container) time.Duration {
	if last.Image != spec.Image {
		return 0
	}
	if last.BackOff.Duration == 0 || ranLong(last) {
		return initialBackOff
	}
	return min(2*last.BackOff.Duration, maxBackOff)
}

func ranLong(c *nodelocal.Container) bool {
	return c.Finished.Sub(c.Started.Time) > backOffReset
}
