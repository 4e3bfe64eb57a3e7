package kubeletsim

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// probeContainers tells of the probes that fail now, kills the containers for
// which that was once too often, and asks to be woken when one of this is due
// again.
func (t *turn) probeContainers() {
	if t.sandbox.StoppingSince != nil {
		return
	}
	for _, specs := range [...][]corev1.Container{t.pod.Spec.InitContainers, t.pod.Spec.Containers} {
		for i := range specs {
			spec := &specs[i]
			if spec.StartupProbe == nil && spec.ReadinessProbe == nil && spec.LivenessProbe == nil {
				continue
			}
			if c := t.container(spec.Name); c != nil && c.State == nodelocal.ContainerRunning && !c.Stopping {
				t.probe(spec, c)
			}
		}
	}
}

// probe follows a container's probes: only the startup probe until that has
// succeeded, and then the others.
func (t *turn) probe(spec *corev1.Container, c *nodelocal.Container) {
	o := t.outlook(startup, spec, c)
	t.follow(startup, c, o)
	switch o.result {
	case failure:
		t.killUnhealthy(spec, c, startup, spec.StartupProbe)
	case success:
		if spec.ReadinessProbe != nil {
			t.follow(readiness, c, t.outlook(readiness, spec, c))
		}
		if spec.LivenessProbe != nil {
			o := t.outlook(liveness, spec, c)
			t.follow(liveness, c, o)
			if o.result == failure {
				t.killUnhealthy(spec, c, liveness, spec.LivenessProbe)
			}
		}
	}
}

// follow tells of an attempt that fails now, and asks to be woken for the next
// and when the probe will come to something else. Settle waits for success, but
// for failure only if it is quick, so that a crash loop is seen to be one.
func (t *turn) follow(kind probeType, c *nodelocal.Container, o outlook) {
	const quick = 10 * time.Second
	if t.isNews(o.failed, c) {
		message := string(kind) + " probe failed: " + o.failed.answer.output
		if o.failed.answer.result == unknown {
			message = string(kind) + " probe errored and resulted in unknown state: " + o.failed.answer.output
		}
		t.tellOf(c.Name, corev1.EventTypeWarning, "Unhealthy", message)
	}
	if !o.again.IsZero() {
		t.alarm.routine(o.again, "until "+c.Name+" is probed again")
	}
	switch {
	case o.next.IsZero():
	case o.better:
		t.alarm.expect(o.next, "until "+c.Name+" passes its "+kind.name())
	case o.next.Sub(c.Started.Time) <= quick:
		t.alarm.expect(o.next, "until "+c.Name+" fails its "+kind.name())
	default:
		t.alarm.routine(o.next, "until "+c.Name+" fails its "+kind.name())
	}
}

// isNews says whether a failed attempt is this turn's to tell: it is due now,
// or the Pod's status does not show the container yet, so that the turn that
// started it may have been without an address to probe at.
func (t *turn) isNews(failed attempt, c *nodelocal.Container) bool {
	if failed.at.IsZero() || t.podIP() == "" {
		return false
	}
	return failed.at.Equal(t.now) || !t.shows(c)
}

// shows says whether the Pod's status shows an instance of a container.
func (t *turn) shows(c *nodelocal.Container) bool {
	for _, statuses := range [...][]corev1.ContainerStatus{t.pod.Status.InitContainerStatuses, t.pod.Status.ContainerStatuses} {
		for i := range statuses {
			if statuses[i].Name == c.Name {
				return statuses[i].ContainerID == "containerd://"+c.ID
			}
		}
	}
	return false
}

// killUnhealthy stops a container that has failed its startup or liveness probe.
func (t *turn) killUnhealthy(spec *corev1.Container, c *nodelocal.Container, kind probeType, probe *corev1.Probe) {
	grace := gracePeriod(t.pod)
	if probe.TerminationGracePeriodSeconds != nil {
		grace = *probe.TerminationGracePeriodSeconds
	}
	message := fmt.Sprintf("Container %s failed %s", c.Name, kind.name())
	if isSidecar(spec) {
		message = "Init c" + message[1:] // sidecars always come back
	} else if restartsWhenUnhealthy(t.pod, spec) {
		message += ", will be restarted"
	}
	stopContainer(c, t.now.Add(preStop(spec)), t.now.Add(graceDuration(grace)))
	t.changed("stop " + c.Name + ": it has failed its " + kind.name())
	t.tellOf(c.Name, corev1.EventTypeNormal, "Killing", message)
	t.awaitExit(c)
}

// outlook says what a running container's probe has come to. One that is not
// there has always succeeded.
func (t *turn) outlook(kind probeType, spec *corev1.Container, c *nodelocal.Container) outlook {
	probe, begins := spec.StartupProbe, c.Started.Time
	if kind != startup {
		begins = t.outlook(startup, spec, c).since
		if probe = spec.ReadinessProbe; kind == liveness {
			probe = spec.LivenessProbe
		}
	}
	if probe == nil {
		return outlook{result: success, since: begins}
	}
	at := target{pod: t.pod, ip: t.podIP(), spec: spec, c: c}
	w := worker{
		kind: kind, probe: probe, started: c.Started.Time, begins: begins,
		ask: func(moment time.Time) answer { return at.answer(probe, moment) },
	}
	return w.outlook(t.now)
}

// hasStarted says whether a running container has passed its startup probe.
func (t *turn) hasStarted(spec *corev1.Container, c *nodelocal.Container) bool {
	return c != nil && c.State == nodelocal.ContainerRunning && t.outlook(startup, spec, c).result == success
}

// isReady says whether a running container passes its readiness probe.
func (t *turn) isReady(spec *corev1.Container, c *nodelocal.Container) bool {
	return t.hasStarted(spec, c) && t.outlook(readiness, spec, c).result == success
}
