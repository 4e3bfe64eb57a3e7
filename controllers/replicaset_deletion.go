package controllers

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/reconcile"
)

// victim is a Pod with what decides how soon it is deleted when there are too
// many.
type victim struct {
	pod             *corev1.Pod
	assigned        bool
	phase           int
	ready           bool
	deletionCost    int32
	neighbours      int // related Pods on its node, itself included
	readySince      time.Time
	restarts        int32
	sidecarRestarts int32
	// because is why it goes before those that stay.
	because string
}

// podsToDelete picks the n Pods that are missed least, in the order in which
// they go.
func podsToDelete(v reconcile.View, rs replicated, active []*corev1.Pod, n int) []victim {
	victims := make([]victim, len(active))
	for i, pod := range active {
		victims[i] = victim{pod: pod}
	}
	if n >= len(victims) {
		return victims
	}
	neighbours := relatedPodsByNode(v, rs)
	for i, pod := range active {
		victims[i] = rankPod(pod, neighbours[pod.Spec.NodeName])
	}
	now := v.Now()
	slices.SortStableFunc(victims, func(a, b victim) int {
		order, _ := compareForDeletion(a, b, now)
		return order
	})
	for i := range victims[:n] {
		_, rule := compareForDeletion(victims[i], victims[n], now)
		victims[i].because = "; " + rule
	}
	return victims[:n]
}

func rankPod(pod *corev1.Pod, neighbours int) victim {
	r := victim{
		pod:          pod,
		assigned:     pod.Spec.NodeName != "",
		phase:        phaseOrder(pod.Status.Phase),
		ready:        isPodReady(pod),
		deletionCost: deletionCost(pod),
		neighbours:   neighbours,
	}
	if r.ready {
		r.readySince = podReadyCondition(pod).LastTransitionTime.Time
	}
	for _, c := range pod.Status.ContainerStatuses {
		r.restarts = max(r.restarts, c.RestartCount)
	}
	for _, c := range pod.Status.InitContainerStatuses {
		if isSidecar(pod, c.Name) {
			r.sidecarRestarts = max(r.sidecarRestarts, c.RestartCount)
		}
	}
	return r
}

// compareForDeletion orders a before b (negative) if a should go first, and
// names the first rule that tells them apart.
//
// Upstream: pkg/controller (ActivePodsWithRanks), the same rules in the same order; Pods that no rule tells apart keep the order of their names.
func compareForDeletion(a, b victim, now time.Time) (int, string) {
	switch {
	case a.assigned != b.assigned:
		return trueFirst(!a.assigned), "it is on no node"
	case a.phase != b.phase:
		return cmp.Compare(a.phase, b.phase), "it is not running"
	case a.ready != b.ready:
		return trueFirst(!a.ready), "it is not ready"
	case a.deletionCost != b.deletionCost:
		return cmp.Compare(a.deletionCost, b.deletionCost), "its pod-deletion-cost is lower"
	case a.neighbours != b.neighbours:
		return cmp.Compare(b.neighbours, a.neighbours), "it shares its node with more related pods"
	case a.ready && !a.readySince.Equal(b.readySince):
		return younger(a.readySince, b.readySince, a.pod.UID, b.pod.UID, now), "it has not been ready for longer, by order of magnitude"
	case a.restarts != b.restarts:
		return cmp.Compare(b.restarts, a.restarts), "it restarted more often"
	case a.sidecarRestarts != b.sidecarRestarts:
		return cmp.Compare(b.sidecarRestarts, a.sidecarRestarts), "its sidecar restarted more often"
	case !a.pod.CreationTimestamp.Equal(&b.pod.CreationTimestamp):
		return younger(a.pod.CreationTimestamp.Time, b.pod.CreationTimestamp.Time, a.pod.UID, b.pod.UID, now), "it is not older, by order of magnitude"
	}
	return 0, "it is as good as those that stay"
}

// younger orders the later time first. Ages are compared by their order of
// magnitude, and ages of one magnitude by UID, so that a scale-down does not
// always hit the newest Pods and with them, perhaps, one zone. A time that is
// not known counts as the latest.
func younger(a, b time.Time, aUID, bUID types.UID, now time.Time) int {
	if a.IsZero() || b.IsZero() {
		return trueFirst(a.IsZero())
	}
	return cmp.Or(
		cmp.Compare(ageMagnitude(now.Sub(a)), ageMagnitude(now.Sub(b))),
		cmp.Compare(aUID, bUID),
	)
}

// ageMagnitude is the whole part of the age's base-2 logarithm in nanoseconds.
func ageMagnitude(age time.Duration) int {
	if age <= 0 {
		return -1
	}
	return int(math.Log2(float64(age)))
}

func trueFirst(a bool) int {
	if a {
		return -1
	}
	return 1
}

func phaseOrder(p corev1.PodPhase) int {
	switch p {
	case corev1.PodUnknown:
		return 1
	case corev1.PodRunning:
		return 2
	}
	return 0
}

// deletionCost reads the pod-deletion-cost annotation. What is not a plain
// 32-bit number, as validation demands it, counts as zero.
func deletionCost(pod *corev1.Pod) int32 {
	value := pod.Annotations[corev1.PodDeletionCost]
	cost, err := strconv.ParseInt(value, 10, 32)
	if err != nil || value[0] == '+' || (value[0] == '0' && value != "0") {
		return 0
	}
	return int32(cost)
}

func isSidecar(pod *corev1.Pod, container string) bool {
	return slices.ContainsFunc(pod.Spec.InitContainers, func(c corev1.Container) bool {
		return c.Name == container && c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
	})
}

// relatedPodsByNode counts, for each node, the active Pods of all ReplicaSets
// that have the same controller as rs: all revisions of one Deployment. A
// ReplicaSet that has no controller counts nothing.
//
// Upstream: pkg/controller/replicaset (getIndirectlyRelatedPods), which finds the Pods by the ReplicaSets' selectors; here by their owner, so that Pods nobody has adopted yet do not count.
func relatedPodsByNode(v reconcile.View, rs replicated) map[string]int {
	ref := metav1.GetControllerOfNoCopy(rs)
	if ref == nil {
		return nil
	}
	byNode := map[string]int{}
	for _, related := range reconcile.ReplicaSets.List(v, reconcile.InNamespace(rs.Namespace), reconcile.OwnedBy(ref.UID)) {
		for _, pod := range reconcile.Pods.List(v, reconcile.InNamespace(rs.Namespace), reconcile.OwnedBy(related.UID)) {
			if isPodActive(pod) {
				byNode[pod.Spec.NodeName]++
			}
		}
	}
	return byNode
}
