package kinds

import (
	"context"
	"strconv"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/validation/field"
	jobapi "k8s.io/kubernetes/pkg/api/job"
	podapi "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/batch"
	batchv1conv "k8s.io/kubernetes/pkg/apis/batch/v1"
	"k8s.io/kubernetes/pkg/apis/batch/validation"
	"k8s.io/kubernetes/pkg/features"
	"k8s.io/utils/ptr"
)

// A Job runs Pods until enough of them have succeeded. It is given a selector
// that no other Job has.
//
// Upstream: pkg/registry/batch/job (strategy), stored and validated: its controller comes later.
func job() *Kind {
	jobs := versions[batchv1.Job, batch.Job]{
		toInternal:   batchv1conv.Convert_v1_Job_To_batch_Job,
		fromInternal: batchv1conv.Convert_batch_Job_To_v1_Job,
		options:      jobRuleOptions(),
	}
	return &Kind{
		GroupVersionKind: batchv1.SchemeGroupVersion.WithKind("Job"),
		Resource:         "jobs",
		Singular:         "job",
		Categories:       []string{"all"},
		Namespaced:       true,

		OrphansDependents: true,
		OrphansWarning: "child pods are preserved by default when jobs are deleted; " +
			"set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",

		New:     func() Object { return &batchv1.Job{} },
		Default: jobs.defaults,

		PrepareCreate: jobs.prepareCreate(func(j *batch.Job) {
			if !ptr.Deref(j.Spec.ManualSelector, false) {
				selectOwnPods(j)
			}
			j.Status = batch.JobStatus{}
			j.Generation = 1
			if !enabled(features.JobManagedBy) {
				j.Spec.ManagedBy = nil
			}
			dropDisabledJobFields(&j.Spec, nil)
		}),
		PrepareUpdate: jobs.prepareUpdate(func(j, old *batch.Job) {
			j.Status = old.Status
			dropDisabledJobFields(&j.Spec, &old.Spec)
			if !equality.Semantic.DeepEqual(j.Spec, old.Spec) {
				j.Generation = old.Generation + 1
			}
		}),
		OnRead:    labelAsTemplate,
		ReadsMore: hasGeneratedLabels,
		Validate: jobs.validate(func(j *batch.Job) field.ErrorList {
			return validation.ValidateJobCreate(j, jobOptions(j, nil))
		}),
		ValidateUpdate: jobs.validateUpdate(func(j, old *batch.Job) field.ErrorList {
			return validation.ValidateJobUpdate(j, old, jobOptions(j, old))
		}),
		Warnings: jobs.warnings(func(j, old *batch.Job) []string {
			path := field.NewPath("spec")
			switch {
			case old == nil:
				return append(podNameWarnings(j.Name), jobapi.WarningsForJobSpec(context.Background(), path, &j.Spec, nil)...)
			case j.Generation == old.Generation:
				return nil
			default:
				return jobapi.WarningsForJobSpec(context.Background(), path, &j.Spec, &old.Spec)
			}
		}),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				obj.(*batchv1.Job).Spec = old.(*batchv1.Job).Spec
			},
			ValidateUpdate: jobs.validateStatus(func(j, old *batch.Job) field.ErrorList {
				return validation.ValidateJobUpdateStatus(j, old, jobStatusOptions(j, old))
			}, nil),
		},
		AllowUnconditionalUpdate: true,

		Fields: func(obj Object) fields.Set {
			return fields.Set{"status.successful": strconv.Itoa(int(obj.(*batchv1.Job).Status.Succeeded))}
		},
		FieldNames: []string{"status.successful"},
	}
}

// jobRuleOptions are asked for by the declarative rules of Jobs and of the
// Jobs in CronJobs.
func jobRuleOptions() map[string]bool {
	return map[string]bool{string(features.WorkloadWithJob): enabled(features.WorkloadWithJob)}
}

func dropDisabledJobFields(spec, old *batch.JobSpec) {
	jobapi.DropDisabledFields(spec, old)
	if old == nil {
		podapi.DropDisabledTemplateFields(&spec.Template, nil)
		return
	}
	podapi.DropDisabledTemplateFields(&spec.Template, &old.Template)
}

// jobOptions says what may change: the template only while the job is
// suspended and has no Pods.
func jobOptions(j, old *batch.Job) validation.JobValidationOptions {
	if old == nil {
		return validation.JobValidationOptions{
			PodValidationOptions:  templateOptions(&j.Spec.Template, nil),
			RequirePrefixedLabels: true,
		}
	}
	options := validation.JobValidationOptions{PodValidationOptions: templateOptions(&j.Spec.Template, &old.Spec.Template)}
	if metav1validation.LabelSelectorHasInvalidLabelValue(old.Spec.Selector) {
		options.AllowInvalidLabelValueInSelector = true
	}
	suspended := ptr.Deref(old.Spec.Suspend, false)
	idle := suspended && old.Status.Active == 0 &&
		(old.Status.StartTime == nil || validation.IsConditionTrue(old.Status.Conditions, batch.JobSuspended))
	options.AllowMutableSchedulingDirectives = suspended && old.Status.StartTime == nil
	if enabled(features.MutableSchedulingDirectivesForSuspendedJobs) {
		options.AllowMutableSchedulingDirectives = idle
	}
	options.AllowMutablePodResources = idle && enabled(features.MutablePodResourcesForSuspendedJobs)
	_, named := old.Spec.Template.Labels[batch.JobNameLabel]
	_, owned := old.Spec.Template.Labels[batch.ControllerUidLabel]
	options.RequirePrefixedLabels = named && owned
	return options
}
