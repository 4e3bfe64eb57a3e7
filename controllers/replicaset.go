package controllers

import (
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/minik8s/minik8s/reconcile"
)

// ReplicaSet keeps spec.replicas Pods with the template's content alive. It
// adopts Pods that its selector matches, releases those that it no longer
// matches, creates what is missing and deletes what is too much.
//
// Upstream: pkg/controller/replicaset, without expectations: the engine holds a ReplicaSet back until its view has reached what it wrote last.
func ReplicaSet() reconcile.Component {
	return reconcile.Component{
		Name: "replicaset-controller",
		User: "system:serviceaccount:kube-system:replicaset-controller",
		For:  reconcile.ReplicaSets.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.ReplicaSets.GroupResource),
			reconcile.Owned(reconcile.Pods.GroupResource, "ReplicaSet"),
			reconcile.Mapped(reconcile.Pods.GroupResource, replicaSetsForOrphan).If(orphanMayMatch),
		},
		Reconcile: reconcileReplicaSet,
	}
}

// replicaSetsForOrphan finds the ReplicaSets that could adopt a Pod.
func replicaSetsForOrphan(v reconcile.View, o reconcile.Object) []reconcile.Key {
	if metav1.GetControllerOfNoCopy(o) != nil {
		return nil
	}
	var keys []reconcile.Key
	for _, rs := range reconcile.ReplicaSets.List(v, reconcile.InNamespace(o.GetNamespace())) {
		if selects(rs.Spec.Selector, o.GetLabels()) {
			keys = append(keys, reconcile.KeyOf(rs))
		}
	}
	return keys
}

func reconcileReplicaSet(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	rs, ok := reconcile.ReplicaSets.Get(v, req.Key)
	if !ok {
		return reconcile.Plan{}, nil
	}
	return reconcileReplicas(v, req, replicated{ReplicaSet: rs, stored: rs, kind: replicaSetKind})
}

// reconcileReplicas is a turn of a ReplicaSet, or of what is seen as one.
func reconcileReplicas(v reconcile.View, req reconcile.Request, rs replicated) (reconcile.Plan, error) {
	var plan reconcile.Plan
	selector, err := metav1.LabelSelectorAsSelector(rs.Spec.Selector)
	if err != nil {
		plan.Observe("a selector that cannot be used: %v", err)
		return plan, nil
	}
	candidates, terminating := podsOfReplicaSet(v, rs, selector)
	active, err := claim(claimer{rs.stored, rs.kind, selector}, &plan, candidates)
	if err != nil {
		return plan, err
	}
	failure := replicaFailure(req, rs, len(active), &plan)
	status := replicaSetStatus(v, rs, active, terminating)
	plan.Observe("%d of %d pods, %d ready", len(active), *rs.Spec.Replicas, status.ReadyReplicas)

	if failure != nil {
		plan.Event(rs.stored, corev1.EventTypeWarning, failure.reason, failure.eventMessage())
		// Upstream: pkg/controller/replicaset (calculateStatus), in the turn after the failed call, since a plan cannot see its own failure; the call is tried again once the condition has been written.
		if rs.updateStatus(&plan, withReplicaFailure(status, failure, timestamp(v))) {
			return plan, nil
		}
	}
	if rs.DeletionTimestamp == nil && !namespaceTerminating(req.LastErr) {
		manageReplicas(v, &plan, rs, active)
	}
	rs.updateStatus(&plan, withoutReplicaFailure(status))
	requeueForAvailability(v, &plan, rs, active, status)
	return plan, nil
}

// podsOfReplicaSet returns the active Pods of the namespace that the
// ReplicaSet controls or that nobody does, and how many of its own are
// terminating.
func podsOfReplicaSet(v reconcile.View, rs replicated, selector labels.Selector) (candidates []*corev1.Pod, terminating int32) {
	for _, pod := range reconcile.Pods.List(v, reconcile.InNamespace(rs.Namespace)) {
		ref := metav1.GetControllerOfNoCopy(pod)
		switch {
		case ref != nil && ref.UID != rs.UID:
		case isPodActive(pod):
			candidates = append(candidates, pod)
		case ref != nil && isPodTerminating(pod) && selector.Matches(labels.Set(pod.Labels)):
			terminating++
		}
	}
	return candidates, terminating
}

// requeueForAvailability asks for a turn when the next ready Pod will have
// been ready for minReadySeconds: nothing changes in the store at that moment.
func requeueForAvailability(v reconcile.View, plan *reconcile.Plan, rs replicated, active []*corev1.Pod, status appsv1.ReplicaSetStatus) {
	minReady := seconds(rs.Spec.MinReadySeconds)
	if minReady <= 0 || status.ReadyReplicas == status.AvailableReplicas {
		return
	}
	next := minReady
	for _, pod := range active {
		if wait := untilAvailable(pod, minReady, v.Now()); wait > 0 {
			next = min(next, wait)
		}
	}
	plan.RequeueAfter(next, "a ready pod becomes available after minReadySeconds: %d", rs.Spec.MinReadySeconds)
}

func seconds(n int32) time.Duration { return time.Duration(n) * time.Second }
