package kinds

import (
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/flowcontrol"
	flowcontrolv1conv "k8s.io/kubernetes/pkg/apis/flowcontrol/v1"
	"k8s.io/kubernetes/pkg/apis/flowcontrol/validation"
)

// A PriorityLevelConfiguration says how many requests of a priority may be
// carried out at once, and how the others wait.
//
// Upstream: pkg/registry/flowcontrol/prioritylevelconfiguration (strategy), stored and validated: no request waits here.
func priorityLevelConfiguration() *Kind {
	levels := versions[flowcontrolv1.PriorityLevelConfiguration, flowcontrol.PriorityLevelConfiguration]{
		toInternal:    flowcontrolv1conv.Convert_v1_PriorityLevelConfiguration_To_flowcontrol_PriorityLevelConfiguration,
		fromInternal:  flowcontrolv1conv.Convert_flowcontrol_PriorityLevelConfiguration_To_v1_PriorityLevelConfiguration,
		clusterScoped: true,
	}
	validate := func(l *flowcontrol.PriorityLevelConfiguration) field.ErrorList {
		return validation.ValidatePriorityLevelConfiguration(l, flowcontrolv1.SchemeGroupVersion, validation.PriorityLevelValidationOptions{})
	}
	return &Kind{
		GroupVersionKind: flowcontrolv1.SchemeGroupVersion.WithKind("PriorityLevelConfiguration"),
		Resource:         "prioritylevelconfigurations",
		Singular:         "prioritylevelconfiguration",

		New:     func() Object { return &flowcontrolv1.PriorityLevelConfiguration{} },
		Default: levels.defaults,

		PrepareCreate: func(obj Object) {
			level := obj.(*flowcontrolv1.PriorityLevelConfiguration)
			level.Status = flowcontrolv1.PriorityLevelConfigurationStatus{}
			level.Generation = 1
		},
		PrepareUpdate: func(obj, old Object) {
			level, before := obj.(*flowcontrolv1.PriorityLevelConfiguration), old.(*flowcontrolv1.PriorityLevelConfiguration)
			level.Status = before.Status
			if !equality.Semantic.DeepEqual(level.Spec, before.Spec) {
				level.Generation = before.Generation + 1
			}
		},
		Validate:       levels.validate(validate),
		ValidateUpdate: levels.validateUpdate(func(l, _ *flowcontrol.PriorityLevelConfiguration) field.ErrorList { return validate(l) }),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				level, before := obj.(*flowcontrolv1.PriorityLevelConfiguration), old.(*flowcontrolv1.PriorityLevelConfiguration)
				level.Spec = before.Spec
				keepMetadata(level, before)
			},
			ValidateUpdate: levels.validateStatus(func(l, old *flowcontrol.PriorityLevelConfiguration) field.ErrorList {
				return validation.ValidatePriorityLevelConfigurationStatusUpdate(old, l)
			}, nil),
			ResetFields: []string{"spec", "metadata"},
		},
		AllowUnconditionalUpdate: true,
	}
}
