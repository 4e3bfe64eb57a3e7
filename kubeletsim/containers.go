package kubeletsim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// reapExited notes which programs have ended since the last turn, and asks to
// be woken when the next one does.
func (t *turn) reapExited() {
	for i := range t.sandbox.Containers {
		c := &t.sandbox.Containers[i]
		if c.State != nodelocal.ContainerRunning || c.Exits.IsZero() {
			continue
		}
		if !c.Exits.After(t.now) {
			reap(c)
			t.changed(fmt.Sprintf("%s exited with code %d", c.Name, c.ExitCode))
			continue
		}
		t.awaitExit(c)
	}
}

// awaitExit asks to be woken when a running container ends. Settle waits for
// that when the Pod is to complete, is initialising or stopping; otherwise only
// for a quick death, so that a crash loop is seen to be one.
func (t *turn) awaitExit(c *nodelocal.Container) {
	const quick = 10 * time.Second
	policy := t.pod.Spec.RestartPolicy
	completes := policy == corev1.RestartPolicyOnFailure || policy == corev1.RestartPolicyNever
	if why := "until " + c.Name + " exits"; completes || c.Stopping || isInit(t.pod, c.Name) || c.Exits.Sub(c.Started.Time) <= quick {
		t.alarm.expect(c.Exits.Time, why)
	} else {
		t.alarm.routine(c.Exits.Time, why)
	}
}

func reap(c *nodelocal.Container) {
	c.State = nodelocal.ContainerExited
	c.Finished = c.Exits
	c.Reason = "Completed"
	if c.ExitCode != 0 {
		c.Reason = "Error"
	}
}

// startContainers starts the Pod's containers that should run and do not, one
// after the other as upstream does: an image under way holds up those behind it.
func (t *turn) startContainers() {
	for i := range t.pod.Spec.Containers {
		spec := &t.pod.Spec.Containers[i]
		c := t.container(spec.Name)
		switch {
		case c != nil && c.State == nodelocal.ContainerRunning:
			t.replaceIfChanged(spec, c)
		case c != nil && !t.runsAgain(spec, c):
		default:
			if t.start(spec) == pulling {
				return
			}
		}
	}
}

// runsAgain says whether a container that ended has another life before it.
func (t *turn) runsAgain(spec *corev1.Container, c *nodelocal.Container) bool {
	return c.Image != spec.Image || shouldRestart(t.pod, spec, c.ExitCode) ||
		c.Stopping && restartsWhenUnhealthy(t.pod, spec) && !t.inBackOff(spec, c)
}

// replaceIfChanged stops a container whose image is no longer the wanted one;
// it is started anew when it has ended.
func (t *turn) replaceIfChanged(spec *corev1.Container, c *nodelocal.Container) {
	if c.Image == spec.Image || c.Stopping {
		return
	}
	stopContainer(c, t.now.Add(preStop(spec)), t.now.Add(graceDuration(gracePeriod(t.pod))))
	t.changed("stop " + c.Name + ": its image has changed")
	t.tellOf(c.Name, corev1.EventTypeNormal, "Killing", fmt.Sprintf("Container %s definition changed, will be restarted", c.Name))
	t.awaitExit(c)
}

// outcome is how an attempt to start a container ended.
type outcome int

const (
	waiting outcome = iota // it waits, for the reason given to wait
	pulling                // its image is on the way
	started
)

// start runs a container for the first time or again.
//
// Upstream: pkg/kubelet/kuberuntime (startContainer), without post-start hooks and the states between created and started.
func (t *turn) start(spec *corev1.Container) outcome {
	last := t.container(spec.Name)
	if last != nil && t.backsOff(spec, last) {
		return waiting
	}
	imageID, got := t.ensureImage(spec, last)
	if got != started {
		return got
	}
	if needsPodIP(spec) && t.podIP() == "" {
		return waiting
	}
	vars, err := t.environment(spec)
	if err == nil {
		err = checkSubPaths(spec, vars)
	}
	if err != nil {
		t.wait(spec.Name, createConfigError, err.Error(), warning("Failed", "Error: "+err.Error()))
		t.alarm.routine(t.now.Add(resyncPeriod), "to look for the missing configuration again")
		return waiting
	}
	awaited := isInit(t.pod, spec.Name) && !isSidecar(spec)
	t.create(spec, last, imageID, run(*spec, Environment{Now: t.now, Vars: vars, Awaited: awaited}))
	t.tellOf(spec.Name, corev1.EventTypeNormal, "Created", "Container created")
	t.tellOf(spec.Name, corev1.EventTypeNormal, "Started", "Container started")
	t.changed("start " + spec.Name)
	return started
}

// resyncPeriod is how often the kubelet looks again at a Pod that waits for
// something it is not told about.
const resyncPeriod = 10 * time.Second

// createConfigError is why a container waits whose environment refers to
// something that does not exist.
const createConfigError = "CreateContainerConfigError"

// create puts a running container into the sandbox, in place of its last instance.
func (t *turn) create(spec *corev1.Container, last *nodelocal.Container, imageID string, r Run) {
	c := nodelocal.Container{
		Name:       spec.Name,
		Image:      spec.Image,
		ImageID:    imageID,
		State:      nodelocal.ContainerRunning,
		Started:    metav1.NewMicroTime(t.now),
		ExitCode:   r.ExitCode,
		StopsAfter: metav1.Duration{Duration: r.StopsAfter},
		Resources:  resourcesOf(spec),
		PodLimits:  podLimits(t.pod),
	}
	for _, line := range r.Logs {
		c.Log = append(c.Log, nodelocal.LogLine{Time: c.Started, Text: line})
	}
	for _, f := range r.Files {
		c.Files = append(c.Files, nodelocal.FileChange{Time: metav1.NewMicroTime(t.now.Add(f.After)), Path: f.Path, Removed: f.Removed})
	}
	if r.ExitsAfter != Never {
		c.Exits = metav1.NewMicroTime(t.now.Add(r.ExitsAfter))
	}
	if last != nil {
		c.Attempt = last.Attempt + 1
		c.BackOff = metav1.Duration{Duration: nextBackOff(spec, last)}
		previous := *last
		previous.Last, previous.Files = nil, nil
		c.Last = &previous
	}
	c.ID = containerID(t.pod, spec.Name, c.Attempt)
	if last != nil {
		*last = c
	} else {
		t.sandbox.Containers = append(t.sandbox.Containers, c)
	}
	if !c.Exits.IsZero() {
		t.awaitExit(&c)
	}
}

// containerID is derived from what makes an instance unique, so that every
// replay gives the same.
func containerID(pod *corev1.Pod, name string, attempt int) string {
	sum := sha256.Sum256([]byte(string(pod.UID) + "/" + name + "/" + strconv.Itoa(attempt)))
	return hex.EncodeToString(sum[:])
}
