package controllers

import (
	"errors"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
)

// replicaSetStatus counts the Pods. Conditions are kept as they are.
func replicaSetStatus(v reconcile.View, rs replicated, active []*corev1.Pod, terminating int32) appsv1.ReplicaSetStatus {
	status := *rs.Status.DeepCopy()
	status.ObservedGeneration = rs.Generation
	status.Replicas = int32(len(active))
	status.FullyLabeledReplicas, status.ReadyReplicas, status.AvailableReplicas = 0, 0, 0
	status.TerminatingReplicas = ptr.To(terminating)

	template := labels.SelectorFromSet(rs.Spec.Template.Labels)
	minReady := seconds(rs.Spec.MinReadySeconds)
	for _, pod := range active {
		if template.Matches(labels.Set(pod.Labels)) {
			status.FullyLabeledReplicas++
		}
		if isPodReady(pod) {
			status.ReadyReplicas++
		}
		if isPodAvailable(pod, minReady, v.Now()) {
			status.AvailableReplicas++
		}
	}
	return status
}

// podCallFailure is how the previous turn's create or delete of a Pod failed.
type podCallFailure struct {
	reason string // of the event and of the ReplicaFailure condition
	err    error
}

const (
	failedCreate = "FailedCreate"
	failedDelete = "FailedDelete"
)

func (f *podCallFailure) eventMessage() string {
	if f.reason == failedDelete {
		return "Error deleting: " + f.err.Error()
	}
	return "Error creating: " + f.err.Error()
}

func (f *podCallFailure) conditionMessage() string {
	if f.reason == failedDelete {
		return "unable to delete pods: " + f.err.Error()
	}
	return f.err.Error()
}

// replicaFailure recognises a refused create or delete in how the previous
// turn ended. Conflicts, and names that were already taken or already gone,
// only mean that the view was behind. When Pods have to be adopted or released
// in this turn, that is the call that was refused.
func replicaFailure(req reconcile.Request, rs replicated, have int, plan *reconcile.Plan) *podCallFailure {
	missing := int(*rs.Spec.Replicas) - have
	if !refused(req.LastErr, "pods", "Pod") || len(plan.Calls) > 0 || missing == 0 || rs.DeletionTimestamp != nil {
		return nil
	}
	f := &podCallFailure{reason: failedCreate, err: apiError(req.LastErr)}
	if missing < 0 {
		f.reason = failedDelete
	}
	return f
}

// refused says whether err is a refusal to write an object of that resource or
// kind, rather than news that the view was behind. An error that does not say
// what it is about is taken to be about it.
func refused(err error, resource, kind string) bool {
	if err == nil || apierrors.IsConflict(err) || apierrors.IsAlreadyExists(err) || apierrors.IsNotFound(err) || namespaceTerminating(err) {
		return false
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return true
	}
	about := status.Status().Details.Kind
	return about == "" || about == resource || about == kind
}

// apiError is the API's own error, without what was wrapped around it, so that
// messages read as they do upstream.
func apiError(err error) error {
	var status *apierrors.StatusError
	if errors.As(err, &status) {
		return status
	}
	return err
}

// namespaceTerminating says whether a create was refused because the namespace
// is going away. Retrying is of no use then, and nobody needs to be told.
func namespaceTerminating(err error) bool {
	return err != nil && apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)
}

// withReplicaFailure adds the ReplicaFailure condition, unless there is one:
// the first failure's time and message stay.
func withReplicaFailure(status appsv1.ReplicaSetStatus, f *podCallFailure, now metav1.Time) appsv1.ReplicaSetStatus {
	if slices.ContainsFunc(status.Conditions, isReplicaFailure) {
		return status
	}
	status.Conditions = append(slices.Clip(status.Conditions), appsv1.ReplicaSetCondition{
		Type:               appsv1.ReplicaSetReplicaFailure,
		Status:             corev1.ConditionTrue,
		LastTransitionTime: now,
		Reason:             f.reason,
		Message:            f.conditionMessage(),
	})
	return status
}

func withoutReplicaFailure(status appsv1.ReplicaSetStatus) appsv1.ReplicaSetStatus {
	status.Conditions = slices.DeleteFunc(slices.Clone(status.Conditions), isReplicaFailure)
	return status
}

func isReplicaFailure(c appsv1.ReplicaSetCondition) bool {
	return c.Type == appsv1.ReplicaSetReplicaFailure
}
