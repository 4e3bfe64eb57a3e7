package kinds

import (
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/utils/ptr"
)

// validateMetrics checks what an autoscaler measures. To scale from no Pods
// at all it must measure something else than Pods.
func validateMetrics(spec *autoscaling.HorizontalPodAutoscalerSpec, path *field.Path, version versionRule) field.ErrorList {
	var errs field.ErrorList
	elsewhere := false
	for i := range spec.Metrics {
		metric := &spec.Metrics[i]
		errs = append(errs, validateMetric(metric, path.Index(i), version)...)
		if metric.Type == autoscaling.ObjectMetricSourceType || metric.Type == autoscaling.ExternalMetricSourceType {
			elsewhere = true
		}
	}
	if !elsewhere && ptr.Equal(spec.MinReplicas, ptr.To[int32](0)) {
		errs = append(errs, field.Forbidden(path, "must specify at least one Object or External metric to support scaling to zero replicas"))
	}
	return errs
}

// metricSource is one of the fields of a metric, of which the type says which
// is set.
type metricSource struct {
	kind     autoscaling.MetricSourceType
	field    string
	set      bool
	validate func(*field.Path) field.ErrorList
}

func metricSources(m *autoscaling.MetricSpec, version versionRule) []metricSource {
	return []metricSource{
		{autoscaling.ObjectMetricSourceType, "object", m.Object != nil, func(path *field.Path) field.ErrorList {
			errs := validateReference(m.Object.DescribedObject, path.Child("describedObject"), version)
			errs = append(errs, validateMetricAndTarget(m.Object.Metric, m.Object.Target, path)...)
			if m.Object.Target.Value == nil && m.Object.Target.AverageValue == nil {
				errs = append(errs, field.Required(path.Child("target", "averageValue"), "must set either a target value or averageValue"))
			}
			return errs
		}},
		{autoscaling.ExternalMetricSourceType, "external", m.External != nil, func(path *field.Path) field.ErrorList {
			errs := validateMetricAndTarget(m.External.Metric, m.External.Target, path)
			switch target := m.External.Target; {
			case target.Value == nil && target.AverageValue == nil:
				errs = append(errs, field.Required(path.Child("target", "averageValue"), "must set either a target value for metric or a per-pod target"))
			case target.Value != nil && target.AverageValue != nil:
				errs = append(errs, field.Forbidden(path.Child("target", "value"), "may not set both a target value for metric and a per-pod target"))
			}
			return errs
		}},
		{autoscaling.PodsMetricSourceType, "pods", m.Pods != nil, func(path *field.Path) field.ErrorList {
			errs := validateMetricAndTarget(m.Pods.Metric, m.Pods.Target, path)
			if m.Pods.Target.AverageValue == nil {
				errs = append(errs, field.Required(path.Child("target", "averageValue"), "must specify a positive target averageValue"))
			}
			return errs
		}},
		{autoscaling.ResourceMetricSourceType, "resource", m.Resource != nil, func(path *field.Path) field.ErrorList {
			var errs field.ErrorList
			if m.Resource.Name == "" {
				errs = append(errs, field.Required(path.Child("name"), "must specify a resource name"))
			}
			return append(errs, validateResourceTarget(m.Resource.Target, path.Child("target"))...)
		}},
		{autoscaling.ContainerResourceMetricSourceType, "containerResource", m.ContainerResource != nil, func(path *field.Path) field.ErrorList {
			return validateContainerResource(m.ContainerResource, path)
		}},
	}
}

// validateMetric checks that the source that the type names is there, and no
// other. Of several only the first is looked into.
func validateMetric(m *autoscaling.MetricSpec, path *field.Path, version versionRule) field.ErrorList {
	const missing, other = "must populate information for the given metric source", "must populate the given metric source only"
	types := []autoscaling.MetricSourceType{
		autoscaling.ContainerResourceMetricSourceType, autoscaling.ExternalMetricSourceType,
		autoscaling.ObjectMetricSourceType, autoscaling.PodsMetricSourceType, autoscaling.ResourceMetricSourceType,
	}
	var errs field.ErrorList
	if m.Type == "" {
		errs = append(errs, field.Required(path.Child("type"), "must specify a metric source type"))
	}
	known := slices.Contains(types, m.Type)
	if !known {
		errs = append(errs, field.NotSupported(path.Child("type"), m.Type, types))
	}
	var absent, extra field.ErrorList
	set := 0
	for _, source := range metricSources(m, version) {
		child := path.Child(source.field)
		if source.set {
			if set++; set == 1 {
				errs = append(errs, source.validate(child)...)
			}
		}
		switch named := source.kind == m.Type; {
		case named && !source.set:
			absent = append(absent, field.Required(child, missing))
		case !named && source.set:
			extra = append(extra, field.Forbidden(child, other))
		}
	}
	errs = append(errs, absent...)
	if !known {
		errs = append(errs, field.NotSupported(path.Child("type"), m.Type, types))
	}
	if set > 1 {
		errs = append(errs, extra...)
	}
	return errs
}

func validateMetricAndTarget(id autoscaling.MetricIdentifier, target autoscaling.MetricTarget, path *field.Path) field.ErrorList {
	errs := requireSegment(id.Name, path.Child("metric", "name"), "must specify a metric name")
	return append(errs, validateTarget(target, path.Child("target"))...)
}

func validateContainerResource(source *autoscaling.ContainerResourceMetricSource, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if source.Name == "" {
		errs = append(errs, field.Required(path.Child("name"), "must specify a resource name"))
	} else {
		errs = append(errs, validation.ValidateContainerResourceName(source.Name, path.Child("name"))...)
	}
	if source.Container == "" {
		errs = append(errs, field.Required(path.Child("container"), "must specify a container"))
	} else {
		errs = append(errs, validation.ValidateDNS1123Label(source.Container, path.Child("container"))...)
	}
	return append(errs, validateResourceTarget(source.Target, path.Child("target"))...)
}

func validateResourceTarget(target autoscaling.MetricTarget, path *field.Path) field.ErrorList {
	errs := validateTarget(target, path)
	switch {
	case target.AverageUtilization == nil && target.AverageValue == nil:
		errs = append(errs, field.Required(path.Child("averageUtilization"), "must set either a target raw value or a target utilization"))
	case target.AverageUtilization != nil && target.AverageValue != nil:
		errs = append(errs, field.Forbidden(path.Child("averageValue"), "may not set both a target raw value and a target utilization"))
	}
	return errs
}

func validateTarget(target autoscaling.MetricTarget, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if target.Type == "" {
		errs = append(errs, field.Required(path.Child("type"), "must specify a metric target type"))
	}
	types := []autoscaling.MetricTargetType{autoscaling.UtilizationMetricType, autoscaling.ValueMetricType, autoscaling.AverageValueMetricType}
	if !slices.Contains(types, target.Type) {
		errs = append(errs, field.Invalid(path.Child("type"), target.Type, "must be either Utilization, Value, or AverageValue"))
	}
	if target.Value != nil && target.Value.Sign() != 1 {
		errs = append(errs, field.Invalid(path.Child("value"), target.Value, "must be positive"))
	}
	if target.AverageValue != nil && target.AverageValue.Sign() != 1 {
		errs = append(errs, field.Invalid(path.Child("averageValue"), target.AverageValue, "must be positive"))
	}
	if target.AverageUtilization != nil && *target.AverageUtilization < 1 {
		errs = append(errs, field.Invalid(path.Child("averageUtilization"), *target.AverageUtilization, "must be greater than 0"))
	}
	return errs
}
