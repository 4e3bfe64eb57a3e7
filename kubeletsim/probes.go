package kubeletsim

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// hasStarted says whether a running container has passed its startup probe,
// and asks to be woken when it will have.
//
// Upstream: pkg/kubelet/prober (worker), without probes that fail: a running program answers every one.
func (t *turn) hasStarted(spec *corev1.Container, c *nodelocal.Container) bool {
	if c == nil || c.State != nodelocal.ContainerRunning {
		return false
	}
	at := startedAt(spec, c)
	if at.After(t.now) {
		t.alarm.expect(at, "until "+c.Name+" passes its startup probe")
		return false
	}
	return true
}

// isReady says whether a running container has passed its readiness probe, and
// asks to be woken when it will have.
func (t *turn) isReady(spec *corev1.Container, c *nodelocal.Container) bool {
	if !t.hasStarted(spec, c) {
		return false
	}
	at := readyAt(spec, c)
	if at.After(t.now) {
		t.alarm.expect(at, "until "+c.Name+" passes its readiness probe")
		return false
	}
	return true
}

// startedAt is when a container's startup probe succeeds.
func startedAt(spec *corev1.Container, c *nodelocal.Container) time.Time {
	return passes(spec.StartupProbe, c.Started.Time, c.Started.Time)
}

// readyAt is when a container's readiness probe has succeeded often enough.
// Probing begins once the container has started.
func readyAt(spec *corev1.Container, c *nodelocal.Container) time.Time {
	return passes(spec.ReadinessProbe, c.Started.Time, startedAt(spec, c))
}

// passes is when a probe has succeeded often enough: the first attempt is made
// when probing begins, later ones after each period; those before the initial
// delay, which counts from the container's start, are skipped.
func passes(probe *corev1.Probe, started, begins time.Time) time.Time {
	if probe == nil {
		return begins
	}
	period := time.Duration(max(probe.PeriodSeconds, 1)) * time.Second
	first := begins
	if delay := started.Add(time.Duration(probe.InitialDelaySeconds) * time.Second).Sub(begins); delay > 0 {
		skipped := (delay + period - 1) / period
		first = begins.Add(skipped * period)
	}
	return first.Add(time.Duration(max(probe.SuccessThreshold, 1)-1) * period)
}
