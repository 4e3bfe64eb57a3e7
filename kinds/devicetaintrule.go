package kinds

import (
	"context"
	"time"

	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/operation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/resource"
	resourcev1conv "k8s.io/kubernetes/pkg/apis/resource/v1"
	"k8s.io/kubernetes/pkg/apis/resource/validation"
)

// A DeviceTaintRule taints devices from outside of their driver.
//
// Upstream: pkg/registry/resource/devicetaintrule (strategy), stored and validated: nothing allocates devices or takes them away.
func deviceTaintRule() *Kind {
	rules := versions[resourcev1.DeviceTaintRule, resource.DeviceTaintRule]{
		toInternal:    resourcev1conv.Convert_v1_DeviceTaintRule_To_resource_DeviceTaintRule,
		fromInternal:  resourcev1conv.Convert_resource_DeviceTaintRule_To_v1_DeviceTaintRule,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: resourcev1.SchemeGroupVersion.WithKind("DeviceTaintRule"),
		Resource:         "devicetaintrules",
		Singular:         "devicetaintrule",

		New: func() Object { return &resourcev1.DeviceTaintRule{} },
		Default: func(obj Object) {
			taint := &obj.(*resourcev1.DeviceTaintRule).Spec.Taint
			keepTimesAdded([]*resourcev1.DeviceTaint{taint}, func() { rules.defaults(obj) })
		},
		DefaultTimes: func(obj Object, now time.Time) {
			stampTaint(&obj.(*resourcev1.DeviceTaintRule).Spec.Taint, now)
		},

		PrepareCreate: func(obj Object) {
			rule := obj.(*resourcev1.DeviceTaintRule)
			rule.Status = resourcev1.DeviceTaintRuleStatus{}
			rule.Generation = 1
		},
		Stamp: stampTaintRule,
		PrepareUpdate: func(obj, old Object) {
			rule, before := obj.(*resourcev1.DeviceTaintRule), old.(*resourcev1.DeviceTaintRule)
			rule.Status = before.Status
			if !equality.Semantic.DeepEqual(rule.Spec, before.Spec) {
				rule.Generation = before.Generation + 1
			}
		},
		Validate:       rules.validate(validation.ValidateDeviceTaintRule),
		ValidateUpdate: rules.validateUpdate(validation.ValidateDeviceTaintRuleUpdate),

		Status: &Subresource{
			NoTable: true,
			PrepareUpdate: func(obj, old Object) {
				rule, before := obj.(*resourcev1.DeviceTaintRule), old.(*resourcev1.DeviceTaintRule)
				rule.Spec = before.Spec
				metav1.ResetObjectMetaForStatus(rule, before)
			},
			ValidateUpdate: rules.validateStatus(validation.ValidateDeviceTaintRuleStatusUpdate, declaredTaintRuleStatus),
			ResetFields:    []string{"spec", "metadata"},
		},
	}
}

// stampTaintRule says since when a changed taint has had its effect, unless the
// client says it.
func stampTaintRule(obj, old Object, now time.Time) {
	if old == nil {
		return
	}
	taint, before := &obj.(*resourcev1.DeviceTaintRule).Spec.Taint, old.(*resourcev1.DeviceTaintRule).Spec.Taint
	if taint.Effect != before.Effect && taint.TimeAdded.Equal(before.TimeAdded) {
		taint.TimeAdded = nil
		stampTaint(taint, now)
	}
}

func stampTaint(taint *resourcev1.DeviceTaint, now time.Time) {
	if taint.TimeAdded == nil {
		taint.TimeAdded = &metav1.Time{Time: now.Truncate(time.Second)}
	}
}

// keepTimesAdded leaves the times of taints out of what fill fills in:
// upstream's defaults ask this machine's clock, and the world has its own (see
// DefaultTimes).
func keepTimesAdded(taints []*resourcev1.DeviceTaint, fill func()) {
	times := make([]*metav1.Time, len(taints))
	for i, taint := range taints {
		times[i] = taint.TimeAdded
	}
	fill()
	for i, taint := range taints {
		taint.TimeAdded = times[i]
	}
}

// declaredTaintRuleStatus are the rules that the tags of the status declare.
func declaredTaintRuleStatus(ctx context.Context, op operation.Operation, path *field.Path, rule, old *resourcev1.DeviceTaintRule) field.ErrorList {
	return resourcev1conv.Validate_DeviceTaintRuleStatus(ctx, op, path.Child("status"), &rule.Status, &old.Status)
}
