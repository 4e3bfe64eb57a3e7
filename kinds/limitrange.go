package kinds

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// A LimitRange has defaults and bounds for what single Pods and claims of a
// namespace ask for.
//
// Upstream: pkg/registry/core/limitrange (strategy), where one without a name gets its own UID for one instead of another UUID.
func limitRange() *Kind {
	ranges := versions[corev1.LimitRange, core.LimitRange]{
		toInternal:   corev1conv.Convert_v1_LimitRange_To_core_LimitRange,
		fromInternal: corev1conv.Convert_core_LimitRange_To_v1_LimitRange,
	}
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("LimitRange"),
		Resource:         "limitranges",
		Singular:         "limitrange",
		ShortNames:       []string{"limits"},
		Namespaced:       true,

		New:     func() Object { return &corev1.LimitRange{} },
		Default: ranges.defaults,

		PrepareCreate: func(obj Object) {
			if obj.GetName() == "" {
				obj.SetName(string(obj.GetUID()))
			}
		},
		Validate: ranges.validate(validation.ValidateLimitRange),
		ValidateUpdate: ranges.validateUpdate(func(r, _ *core.LimitRange) field.ErrorList {
			return validation.ValidateLimitRange(r)
		}),
		AllowUnconditionalUpdate: true,
		AllowCreateOnUpdate:      true,
		PlainTable:               true,
	}
}
