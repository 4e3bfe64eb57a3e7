package kinds

import (
	"errors"
	"slices"

	"k8s.io/apimachinery/pkg/api/validate/content"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/utils/ptr"
)

// validateAutoscaler checks a new autoscaler (old nil) or a changed one. The
// bounds of both numbers of replicas are declarative rules.
//
// Upstream: pkg/apis/autoscaling/validation, written again because that package would link all of CEL.
func validateAutoscaler(hpa, old *autoscaling.HorizontalPodAutoscaler) field.ErrorList {
	var errs field.ErrorList
	if old == nil {
		errs = validation.ValidateObjectMeta(&hpa.ObjectMeta, true, apivalidation.NameIsDNSSubdomain, field.NewPath("metadata"))
	} else {
		errs = validation.ValidateObjectMetaUpdate(&hpa.ObjectMeta, &old.ObjectMeta, field.NewPath("metadata"))
	}
	spec, path := &hpa.Spec, field.NewPath("spec")
	if spec.MinReplicas != nil && spec.MaxReplicas < *spec.MinReplicas {
		errs = append(errs, field.Invalid(path.Child("maxReplicas"), spec.MaxReplicas, "must be greater than or equal to `minReplicas`"))
	}
	errs = append(errs, validateReference(spec.ScaleTargetRef, path.Child("scaleTargetRef"), targetVersionRule(spec, old))...)
	errs = append(errs, validateMetrics(spec, path.Child("metrics"), describedVersionRule(old))...)
	if b := spec.Behavior; b != nil {
		errs = append(errs, validateScalingRules(b.ScaleUp, path.Child("behavior", "scaleUp"))...)
		errs = append(errs, validateScalingRules(b.ScaleDown, path.Child("behavior", "scaleDown"))...)
	}
	return errs
}

func validateAutoscalerStatus(hpa, old *autoscaling.HorizontalPodAutoscaler) field.ErrorList {
	errs := validation.ValidateObjectMetaUpdate(&hpa.ObjectMeta, &old.ObjectMeta, field.NewPath("metadata"))
	path := field.NewPath("status")
	for i, condition := range hpa.Status.Conditions {
		if g := condition.ObservedGeneration; g != nil {
			errs = append(errs, apivalidation.ValidateNonnegativeField(*g, path.Child("conditions").Index(i).Child("observedGeneration"))...)
		}
	}
	errs = append(errs, apivalidation.ValidateNonnegativeField(int64(hpa.Status.CurrentReplicas), path.Child("currentReplicas"))...)
	return append(errs, apivalidation.ValidateNonnegativeField(int64(hpa.Status.DesiredReplicas), path.Child("desiredReplicas"))...)
}

// versionRule judges the apiVersion of a reference.
type versionRule func(apiVersion string) error

func anyVersion(string) error { return nil }

func parsableVersion(apiVersion string) error {
	_, err := schema.ParseGroupVersion(apiVersion)
	return err
}

func versionWithGroup(apiVersion string) error {
	gv, err := schema.ParseGroupVersion(apiVersion)
	if err == nil && gv.Group == "" {
		return errors.New("apiVersion must specify API group")
	}
	return err
}

// targetVersionRule lets a target stay what it was; and only
// ReplicationControllers are in the core group.
func targetVersionRule(spec *autoscaling.HorizontalPodAutoscalerSpec, old *autoscaling.HorizontalPodAutoscaler) versionRule {
	target := spec.ScaleTargetRef
	switch {
	case old != nil && old.Spec.ScaleTargetRef.APIVersion == target.APIVersion && old.Spec.ScaleTargetRef.Kind == target.Kind:
		return anyVersion
	case target.Kind == "ReplicationController":
		return parsableVersion
	}
	return versionWithGroup
}

// describedVersionRule is for the objects that metrics describe: once one of
// them was wrong, all may be.
func describedVersionRule(old *autoscaling.HorizontalPodAutoscaler) versionRule {
	wrong := func(m autoscaling.MetricSpec) bool {
		return m.Type == autoscaling.ObjectMetricSourceType && m.Object != nil && parsableVersion(m.Object.DescribedObject.APIVersion) != nil
	}
	if old != nil && slices.ContainsFunc(old.Spec.Metrics, wrong) {
		return anyVersion
	}
	return parsableVersion
}

func validateReference(ref autoscaling.CrossVersionObjectReference, path *field.Path, version versionRule) field.ErrorList {
	errs := append(requireSegment(ref.Kind, path.Child("kind"), ""), requireSegment(ref.Name, path.Child("name"), "")...)
	if err := version(ref.APIVersion); err != nil {
		errs = append(errs, field.Invalid(path.Child("apiVersion"), ref.APIVersion, err.Error()))
	}
	return errs
}

// requireSegment wants a value that can stand in a path.
func requireSegment(value string, path *field.Path, missing string) field.ErrorList {
	if value == "" {
		return field.ErrorList{field.Required(path, missing)}
	}
	var errs field.ErrorList
	for _, problem := range content.IsPathSegmentName(value) {
		errs = append(errs, field.Invalid(path, value, problem))
	}
	return errs
}

func validateScalingRules(rules *autoscaling.HPAScalingRules, path *field.Path) field.ErrorList {
	if rules == nil {
		return nil
	}
	var errs field.ErrorList
	window := path.Child("stabilizationWindowSeconds")
	switch seconds := ptr.Deref(rules.StabilizationWindowSeconds, 0); {
	case seconds < 0:
		errs = append(errs, field.Invalid(window, seconds, "must be greater than or equal to zero"))
	case seconds > 3600:
		errs = append(errs, field.Invalid(window, seconds, "must be less than or equal to 3600"))
	}
	selections := []autoscaling.ScalingPolicySelect{autoscaling.DisabledPolicySelect, autoscaling.MaxPolicySelect, autoscaling.MinPolicySelect}
	if s := rules.SelectPolicy; s != nil && !slices.Contains(selections, *s) {
		errs = append(errs, field.NotSupported(path.Child("selectPolicy"), *s, selections))
	}
	if len(rules.Policies) == 0 {
		errs = append(errs, field.Required(path.Child("policies"), "must specify at least one Policy"))
	}
	for i, policy := range rules.Policies {
		errs = append(errs, validateScalingPolicy(policy, path.Child("policies").Index(i))...)
	}
	if rules.Tolerance != nil {
		errs = append(errs, validation.ValidateNonnegativeQuantity(*rules.Tolerance, path.Child("tolerance"))...)
	}
	return errs
}

func validateScalingPolicy(policy autoscaling.HPAScalingPolicy, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	types := []autoscaling.HPAScalingPolicyType{autoscaling.PercentScalingPolicy, autoscaling.PodsScalingPolicy}
	if !slices.Contains(types, policy.Type) {
		errs = append(errs, field.NotSupported(path.Child("type"), policy.Type, types))
	}
	if policy.Value <= 0 {
		errs = append(errs, field.Invalid(path.Child("value"), policy.Value, "must be greater than zero"))
	}
	switch period := path.Child("periodSeconds"); {
	case policy.PeriodSeconds <= 0:
		errs = append(errs, field.Invalid(period, policy.PeriodSeconds, "must be greater than zero"))
	case policy.PeriodSeconds > 1800:
		errs = append(errs, field.Invalid(period, policy.PeriodSeconds, "must be less than or equal to 1800"))
	}
	return errs
}
