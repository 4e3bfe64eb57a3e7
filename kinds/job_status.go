package kinds

import (
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/batch/validation"
	"k8s.io/kubernetes/pkg/features"
	"k8s.io/utils/ptr"
)

// jobStatusOptions says which rules a new status must keep. Those about how
// fields fit together hold only if one of them has changed, so that a status
// that breaks a rule already does not block every later write.
func jobStatusOptions(j, old *batch.Job) validation.JobStatusValidationOptions {
	if !enabled(features.JobManagedBy) {
		return validation.JobStatusValidationOptions{}
	}
	status, before := &j.Status, &old.Status
	turned := func(condition batch.JobConditionType) bool {
		return validation.IsConditionTrue(status.Conditions, condition) != validation.IsConditionTrue(before.Conditions, condition)
	}
	var (
		indexed    = ptr.Deref(j.Spec.CompletionMode, batch.NonIndexedCompletion) == batch.IndexedCompletion
		finished   = validation.IsJobFinished(old) != validation.IsJobFinished(j)
		complete   = validation.IsJobComplete(old) != validation.IsJobComplete(j)
		failed     = validation.IsJobFailed(old) != validation.IsJobFailed(j)
		completed  = before.CompletedIndexes != status.CompletedIndexes
		failedIdx  = !ptr.Equal(before.FailedIndexes, status.FailedIndexes)
		active     = before.Active != status.Active
		started    = !ptr.Equal(before.StartTime, status.StartTime)
		ended      = !ptr.Equal(before.CompletionTime, status.CompletionTime)
		nothingDue = ptr.Deref(j.Spec.Suspend, false) && ptr.Equal(j.Spec.Completions, ptr.To[int32](0))
		resumed    = validation.IsConditionTrue(before.Conditions, batch.JobSuspended) &&
			validation.IsConditionFalse(status.Conditions, batch.JobSuspended)
	)
	return validation.JobStatusValidationOptions{
		RejectDecreasingSucceededCounter: !indexed || !ptr.Equal(j.Spec.Completions, j.Spec.Parallelism),
		RejectDecreasingFailedCounter:    true,
		RejectDisablingTerminalCondition: true,
		RejectMutatingCompletionTime:     true,

		RejectInvalidCompletedIndexes:                completed,
		RejectInvalidFailedIndexes:                   failedIdx,
		RejectCompletedIndexesForNonIndexedJob:       completed,
		RejectFailedIndexesForNoBackoffLimitPerIndex: failedIdx,
		RejectFailedIndexesOverlappingCompleted:      failedIdx || completed,

		RejectFailedJobWithoutFailureTarget:         failed || failedIdx,
		RejectCompleteJobWithoutSuccessCriteriaMet:  complete || turned(batch.JobSuccessCriteriaMet),
		RejectCompleteJobWithFailedCondition:        complete || failed,
		RejectCompleteJobWithFailureTargetCondition: complete || turned(batch.JobFailureTarget),

		RejectFinishedJobWithActivePods:              finished || active,
		RejectFinishedJobWithTerminatingPods:         finished || !ptr.Equal(before.Terminating, status.Terminating),
		RejectFinishedJobWithUncountedTerminatedPods: finished || !equality.Semantic.DeepEqual(before.UncountedTerminatedPods, status.UncountedTerminatedPods),
		RejectMoreReadyThanActivePods:                active || !ptr.Equal(before.Ready, status.Ready),

		RejectFinishedJobWithoutStartTime:      (finished || started) && !nothingDue,
		RejectStartTimeUpdateForUnsuspendedJob: started && !resumed,
		RejectCompletionTimeBeforeStartTime:    started || ended,
		RejectNotCompleteJobWithCompletionTime: complete || ended,
		RejectCompleteJobWithoutCompletionTime: complete || ended,
	}
}
