package kubeletsim

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// turn is one look at one Pod: what there is, what is to be written, and what
// to tell about it.
type turn struct {
	view    reconcile.View
	req     reconcile.Request
	now     time.Time
	pod     *corev1.Pod
	stored  *corev1.Pod // as the API has it: while a resize waits, pod asks for less
	machine *nodelocal.Machine

	// sandbox is the turn's own copy, or nil if there is none.
	sandbox   *nodelocal.Sandbox
	created   bool     // it does not exist yet
	noSandbox bool     // it is not to be created yet either: sandbox stands for none
	did       []string // what was changed in it

	sandboxes []reconcile.Object // of the whole machine, once they are listed
	listed    bool

	allocated bool                 // the Pod was promised other resources in this turn
	pending   *corev1.PodCondition // why a resize has to wait
	underWay  *corev1.PodCondition // that containers have yet to be given what was promised

	waits []wait         // why containers are not running
	told  reconcile.Plan // events about what was done to the sandbox
	alarm alarm
	plan  reconcile.Plan
}

// podTurn reconciles one Pod with its sandbox.
//
// Upstream: pkg/kubelet (SyncPod, SyncTerminatingPod), without cgroups, static Pods and admission at the node.
func podTurn(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	t := &turn{view: v, req: req, now: v.Now()}
	pod, ok := reconcile.Pods.Get(v, req.Key)
	if !ok || pod.Spec.NodeName != req.Node {
		t.removeOrphans()
		t.alarm.set(&t.plan, t.now)
		return t.plan, nil
	}
	t.pod, t.stored = pod, pod
	if t.machine, ok = reconcile.Machines.Get(v, nodeKey(req.Node)); !ok {
		return t.plan, nil // the machine was unplugged
	}
	if s, ok := reconcile.Sandboxes.Get(v, reconcile.Key{Namespace: req.Node, Name: string(pod.UID)}); ok {
		t.sandbox = s.DeepCopy()
	} else if t.removeOrphans() {
		t.alarm.set(&t.plan, t.now)
		return t.plan, nil
	}
	switch {
	case pod.DeletionTimestamp != nil:
		t.terminate()
	case isTerminal(pod.Status.Phase):
		t.windUp()
	default:
		t.sync()
	}
	t.alarm.set(&t.plan, t.now)
	return t.plan, nil
}

// sync brings a Pod that is wanted one step further.
func (t *turn) sync() {
	if t.sandbox == nil {
		if !t.volumesReady() {
			t.waitForVolumes()
			return
		}
		t.createSandbox()
	}
	t.reapExited()
	t.enforceDeadline()
	if t.sandbox.StoppingSince != nil {
		t.keepResize()
	} else {
		t.allocate()
		t.startEphemeralContainers()
		t.resize()
		if t.startInitContainers() {
			t.startContainers()
		}
		t.followResize()
	}
	t.probeContainers()
	t.stopWhenDone()
	t.writeSandbox()
	t.writeStatus()
}

func (t *turn) createSandbox() {
	if err := t.req.LastErr; err != nil && !apierrors.IsAlreadyExists(err) {
		t.plan.Event(t.pod, corev1.EventTypeWarning, "FailedCreatePodSandBox", "Failed to create pod sandbox: %v", err)
	}
	t.created = true
	t.sandbox = &nodelocal.Sandbox{
		PodNamespace: t.pod.Namespace,
		PodName:      t.pod.Name,
		HostNetwork:  t.pod.Spec.HostNetwork,
	}
	t.sandbox.Namespace, t.sandbox.Name = t.req.Node, string(t.pod.UID)
}

// writeSandbox puts the sandbox's write and the events about it into the plan.
func (t *turn) writeSandbox() {
	switch {
	case t.created:
		t.plan.Create(t.sandbox, strings.Join(append([]string{"pod needs a sandbox"}, t.did...), ", "))
	case len(t.did) > 0:
		t.plan.Update(t.sandbox, strings.Join(t.did, ", "))
	}
	t.plan.Calls = append(t.plan.Calls, t.told.Calls...)
}

// changed notes what was done to the sandbox, as the reason for its write.
func (t *turn) changed(what string) { t.did = append(t.did, what) }

// tell records an event about the Pod, to be sent with the sandbox's write.
func (t *turn) tell(eventType, reason, message string) {
	t.told.Event(t.pod, eventType, reason, message)
}

// tellOf is tell about one container.
func (t *turn) tellOf(container, eventType, reason, message string) {
	t.told.EventIn(t.pod, containerPath(t.pod, container), eventType, reason, message)
}

// containerPath is the field path of a container, as events about it carry.
func containerPath(pod *corev1.Pod, name string) string {
	for i := range pod.Spec.InitContainers {
		if pod.Spec.InitContainers[i].Name == name {
			return "spec.initContainers{" + name + "}"
		}
	}
	if isEphemeral(pod, name) {
		return "spec.ephemeralContainers{" + name + "}"
	}
	return "spec.containers{" + name + "}"
}

// container finds the newest instance of a container, or nil.
func (t *turn) container(name string) *nodelocal.Container {
	return findContainer(t.sandbox, name)
}

func findContainer(s *nodelocal.Sandbox, name string) *nodelocal.Container {
	for i := range s.Containers {
		if s.Containers[i].Name == name {
			return &s.Containers[i]
		}
	}
	return nil
}

// running counts the sandbox's running containers.
func running(s *nodelocal.Sandbox) int {
	n := 0
	for i := range s.Containers {
		if s.Containers[i].State == nodelocal.ContainerRunning {
			n++
		}
	}
	return n
}

func isTerminal(phase corev1.PodPhase) bool {
	return phase == corev1.PodSucceeded || phase == corev1.PodFailed
}
