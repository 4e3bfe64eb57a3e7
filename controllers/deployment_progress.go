package controllers

import (
	"fmt"
	"math"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
)

// Reasons of the Progressing condition.
const (
	reasonNewReplicaSet          = "NewReplicaSetCreated"
	reasonFoundNewReplicaSet     = "FoundNewReplicaSet"
	reasonReplicaSetUpdated      = "ReplicaSetUpdated"
	reasonNewReplicaSetAvailable = "NewReplicaSetAvailable"
	reasonCreateError            = "ReplicaSetCreateError"
	reasonTimedOut               = "ProgressDeadlineExceeded"
	reasonPaused                 = "DeploymentPaused"
	reasonResumed                = "DeploymentResumed"
)

// hasDeadline says whether progress is to be judged at all.
func (r *rollout) hasDeadline() bool {
	deadline := r.d.Spec.ProgressDeadlineSeconds
	return deadline != nil && *deadline != math.MaxInt32
}

// notePause records a pause or its end as progress that is unknown, so that
// the time spent paused does not count against the deadline.
func (r *rollout) notePause() {
	progress := deploymentCondition(r.d.Status, appsv1.DeploymentProgressing)
	if !r.hasDeadline() || (progress != nil && progress.Reason == reasonTimedOut) {
		return
	}
	noted := progress != nil && progress.Reason == reasonPaused
	switch {
	case r.d.Spec.Paused && !noted:
		r.noteProgress(&r.d.Status, corev1.ConditionUnknown, reasonPaused, "Deployment is paused")
	case !r.d.Spec.Paused && noted:
		r.noteProgress(&r.d.Status, corev1.ConditionUnknown, reasonResumed, "Deployment is resumed")
	}
}

// syncProgress works out the status of a rollout: what there is, and whether
// it gets anywhere.
func (r *rollout) syncProgress() {
	status := r.currentStatus()
	if r.hasDeadline() {
		r.judgeProgress(&status)
	} else {
		removeDeploymentCondition(&status, appsv1.DeploymentProgressing)
	}
	if failure := r.replicaFailure(); failure != nil {
		r.setReplicaFailure(&status, failure)
	} else {
		removeDeploymentCondition(&status, appsv1.DeploymentReplicaFailure)
	}
	r.d.Status = status
	if equality.Semantic.DeepEqual(r.stored.Status, status) {
		r.requeueAtDeadline()
	}
}

// judgeProgress sets the Progressing condition. A rollout that has completed
// is not judged again.
func (r *rollout) judgeProgress(status *appsv1.DeploymentStatus) {
	current := deploymentCondition(*status, appsv1.DeploymentProgressing)
	if current != nil && current.Reason == reasonNewReplicaSetAvailable && status.Replicas == status.UpdatedReplicas {
		return
	}
	subject := fmt.Sprintf("Deployment %q", r.d.Name)
	if r.newRS != nil {
		subject = fmt.Sprintf("ReplicaSet %q", r.newRS.Name)
	}
	switch {
	case r.complete(*status):
		r.noteProgress(status, corev1.ConditionTrue, reasonNewReplicaSetAvailable, subject+" has successfully progressed.")
	case r.progressed(*status):
		// The reason stays the same from step to step, but each step moves
		// the time that the deadline is counted from.
		condition := progressing(corev1.ConditionTrue, reasonReplicaSetUpdated, subject+" is progressing.")
		if current != nil && current.Status == corev1.ConditionTrue {
			condition.LastTransitionTime = current.LastTransitionTime
		}
		removeDeploymentCondition(status, appsv1.DeploymentProgressing)
		r.setCondition(status, condition)
	case r.timedOut(current):
		r.noteProgress(status, corev1.ConditionFalse, reasonTimedOut, subject+" has timed out progressing.")
	}
}

func (r *rollout) noteProgress(status *appsv1.DeploymentStatus, value corev1.ConditionStatus, reason, message string) bool {
	return r.setCondition(status, progressing(value, reason, message))
}

func progressing(value corev1.ConditionStatus, reason, message string) appsv1.DeploymentCondition {
	return appsv1.DeploymentCondition{Type: appsv1.DeploymentProgressing, Status: value, Reason: reason, Message: message}
}

// complete says whether all Pods are updated and available and no old ones
// are left.
func (r *rollout) complete(s appsv1.DeploymentStatus) bool {
	want := r.replicas()
	return s.UpdatedReplicas == want && s.Replicas == want && s.AvailableReplicas == want && s.ObservedGeneration >= r.d.Generation
}

// progressed says whether there are more new, ready or available Pods, or
// fewer old ones, than the stored status has.
func (r *rollout) progressed(s appsv1.DeploymentStatus) bool {
	before := r.stored.Status
	return s.UpdatedReplicas > before.UpdatedReplicas ||
		s.Replicas-s.UpdatedReplicas < before.Replicas-before.UpdatedReplicas ||
		s.ReadyReplicas > before.ReadyReplicas ||
		s.AvailableReplicas > before.AvailableReplicas
}

// timedOut says whether the last progress is longer ago than the deadline. A
// rollout that had completed has made none that counts.
func (r *rollout) timedOut(progress *appsv1.DeploymentCondition) bool {
	if progress == nil || progress.Reason == reasonNewReplicaSetAvailable {
		return false
	}
	return progress.Reason == reasonTimedOut || r.untilDeadline(progress) < 0
}

func (r *rollout) untilDeadline(progress *appsv1.DeploymentCondition) time.Duration {
	return progress.LastUpdateTime.Add(seconds(*r.d.Spec.ProgressDeadlineSeconds)).Sub(r.view.Now())
}

// requeueAtDeadline asks for a turn when the deadline will have passed:
// nothing changes in the store at that moment.
//
// Upstream: pkg/controller/deployment (requeueStuckDeployment), without looking over and over again at a rollout that had completed and has lost a Pod since: it cannot time out.
func (r *rollout) requeueAtDeadline() {
	progress := deploymentCondition(r.d.Status, appsv1.DeploymentProgressing)
	if !r.hasDeadline() || progress == nil || r.complete(r.d.Status) ||
		progress.Reason == reasonTimedOut || progress.Reason == reasonNewReplicaSetAvailable {
		return
	}
	r.plan.Heartbeat(max(0, r.untilDeadline(progress))+time.Second, "check progressDeadlineSeconds: %d", *r.d.Spec.ProgressDeadlineSeconds)
}

// replicaFailure finds a ReplicaSet that cannot create or delete Pods, the new
// one first.
func (r *rollout) replicaFailure() *appsv1.ReplicaSetCondition {
	sets := r.all()
	if r.newRS != nil {
		sets = append([]*appsv1.ReplicaSet{r.newRS}, r.oldRSs...)
	}
	for _, rs := range sets {
		for i := range rs.Status.Conditions {
			if isReplicaFailure(rs.Status.Conditions[i]) {
				return &rs.Status.Conditions[i]
			}
		}
	}
	return nil
}

// setReplicaFailure shows a ReplicaSet's failure on the Deployment.
func (r *rollout) setReplicaFailure(status *appsv1.DeploymentStatus, failure *appsv1.ReplicaSetCondition) {
	r.setCondition(status, appsv1.DeploymentCondition{
		Type:               appsv1.DeploymentReplicaFailure,
		Status:             failure.Status,
		LastTransitionTime: failure.LastTransitionTime,
		LastUpdateTime:     failure.LastTransitionTime,
		Reason:             failure.Reason,
		Message:            failure.Message,
	})
}
