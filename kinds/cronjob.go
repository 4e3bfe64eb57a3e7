package kinds

import (
	"context"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"
	jobapi "k8s.io/kubernetes/pkg/api/job"
	"k8s.io/kubernetes/pkg/apis/batch"
	batchv1conv "k8s.io/kubernetes/pkg/apis/batch/v1"
	"k8s.io/kubernetes/pkg/apis/batch/validation"
)

// A CronJob makes Jobs at times of the clock.
//
// Upstream: pkg/registry/batch/cronjob (strategy), stored and validated: its controller comes later.
func cronJob() *Kind {
	cronJobs := versions[batchv1.CronJob, batch.CronJob]{
		toInternal:   batchv1conv.Convert_v1_CronJob_To_batch_CronJob,
		fromInternal: batchv1conv.Convert_batch_CronJob_To_v1_CronJob,
		options:      jobRuleOptions(),
	}
	return &Kind{
		GroupVersionKind: batchv1.SchemeGroupVersion.WithKind("CronJob"),
		Resource:         "cronjobs",
		Singular:         "cronjob",
		ShortNames:       []string{"cj"},
		Categories:       []string{"all"},
		Namespaced:       true,

		New:     func() Object { return &batchv1.CronJob{} },
		Default: cronJobs.defaults,

		PrepareCreate: cronJobs.prepareCreate(func(c *batch.CronJob) {
			c.Status = batch.CronJobStatus{}
			c.Generation = 1
			dropDisabledJobFields(&c.Spec.JobTemplate.Spec, nil)
		}),
		PrepareUpdate: cronJobs.prepareUpdate(func(c, old *batch.CronJob) {
			c.Status = old.Status
			dropDisabledJobFields(&c.Spec.JobTemplate.Spec, &old.Spec.JobTemplate.Spec)
			if !equality.Semantic.DeepEqual(c.Spec, old.Spec) {
				c.Generation = old.Generation + 1
			}
		}),
		Validate: cronJobs.validate(func(c *batch.CronJob) field.ErrorList {
			return validation.ValidateCronJobCreate(c, templateOptions(&c.Spec.JobTemplate.Spec.Template, nil))
		}),
		ValidateUpdate: cronJobs.validateUpdate(func(c, old *batch.CronJob) field.ErrorList {
			return validation.ValidateCronJobUpdate(c, old,
				templateOptions(&c.Spec.JobTemplate.Spec.Template, &old.Spec.JobTemplate.Spec.Template))
		}),
		Warnings: cronJobs.warnings(cronJobWarnings),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				obj.(*batchv1.CronJob).Spec = old.(*batchv1.CronJob).Spec
			},
			ValidateUpdate: cronJobs.validateStatus(func(_, _ *batch.CronJob) field.ErrorList { return nil }, nil),
		},
		AllowUnconditionalUpdate: true,
	}
}

func cronJobWarnings(c, old *batch.CronJob) []string {
	path := field.NewPath("spec", "jobTemplate", "spec")
	if old == nil {
		return append(podNameWarnings(c.Name), jobapi.WarningsForJobSpec(context.Background(), path, &c.Spec.JobTemplate.Spec, nil)...)
	}
	var warnings []string
	if c.Generation != old.Generation {
		warnings = jobapi.WarningsForJobSpec(context.Background(), path, &c.Spec.JobTemplate.Spec, &old.Spec.JobTemplate.Spec)
	}
	if strings.Contains(c.Spec.Schedule, "TZ") {
		warnings = append(warnings, "cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details")
	}
	return warnings
}
