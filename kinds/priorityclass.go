package kinds

import (
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/kubernetes/pkg/apis/scheduling"
	schedulingv1conv "k8s.io/kubernetes/pkg/apis/scheduling/v1"
	"k8s.io/kubernetes/pkg/apis/scheduling/validation"
)

// A PriorityClass gives a name to a priority that Pods may have.
//
// Upstream: pkg/registry/scheduling/priorityclass (strategy).
func priorityClass() *Kind {
	classes := versions[schedulingv1.PriorityClass, scheduling.PriorityClass]{
		toInternal:    schedulingv1conv.Convert_v1_PriorityClass_To_scheduling_PriorityClass,
		fromInternal:  schedulingv1conv.Convert_scheduling_PriorityClass_To_v1_PriorityClass,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: schedulingv1.SchemeGroupVersion.WithKind("PriorityClass"),
		Resource:         "priorityclasses",
		Singular:         "priorityclass",
		ShortNames:       []string{"pc"},

		New:     func() Object { return &schedulingv1.PriorityClass{} },
		Default: classes.defaults,

		PrepareCreate:            func(obj Object) { obj.SetGeneration(1) },
		Validate:                 classes.validate(validation.ValidatePriorityClass),
		ValidateUpdate:           classes.validateUpdate(validation.ValidatePriorityClassUpdate),
		AllowUnconditionalUpdate: true,
	}
}
