package kinds

import (
	"context"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/operation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	autoscalingv2conv "k8s.io/kubernetes/pkg/apis/autoscaling/v2"
	"k8s.io/kubernetes/pkg/features"
)

// A HorizontalPodAutoscaler scales something so that its metrics stay near a
// target. It is served in the older v1 too, which knows one metric, the cpu,
// and keeps the others in annotations.
//
// Upstream: pkg/registry/autoscaling/horizontalpodautoscaler (strategy), stored and validated: its controller comes later.
func horizontalPodAutoscaler() *Kind {
	autoscalers := versions[autoscalingv2.HorizontalPodAutoscaler, autoscaling.HorizontalPodAutoscaler]{
		toInternal:   autoscalingv2conv.Convert_v2_HorizontalPodAutoscaler_To_autoscaling_HorizontalPodAutoscaler,
		fromInternal: autoscalingv2conv.Convert_autoscaling_HorizontalPodAutoscaler_To_v2_HorizontalPodAutoscaler,
		options:      map[string]bool{string(features.HPAScaleToZero): enabled(features.HPAScaleToZero)},
	}
	return &Kind{
		GroupVersionKind: autoscalingv2.SchemeGroupVersion.WithKind("HorizontalPodAutoscaler"),
		Versions:         []string{"v1"},
		Resource:         "horizontalpodautoscalers",
		Singular:         "horizontalpodautoscaler",
		ShortNames:       []string{"hpa"},
		Categories:       []string{"all"},
		Namespaced:       true,

		New:     func() Object { return &autoscalingv2.HorizontalPodAutoscaler{} },
		Default: autoscalers.defaults,

		PrepareCreate: func(obj Object) {
			hpa := obj.(*autoscalingv2.HorizontalPodAutoscaler)
			hpa.Status = autoscalingv2.HorizontalPodAutoscalerStatus{}
			hpa.Generation = 1
		},
		PrepareUpdate: func(obj, old Object) {
			hpa, before := obj.(*autoscalingv2.HorizontalPodAutoscaler), old.(*autoscalingv2.HorizontalPodAutoscaler)
			hpa.Status = before.Status
			if !equality.Semantic.DeepEqual(hpa.Spec, before.Spec) {
				hpa.Generation = before.Generation + 1
			}
		},
		Validate: autoscalers.validate(func(hpa *autoscaling.HorizontalPodAutoscaler) field.ErrorList {
			return validateAutoscaler(hpa, nil)
		}),
		ValidateUpdate: autoscalers.validateUpdate(validateAutoscaler),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				obj.(*autoscalingv2.HorizontalPodAutoscaler).Spec = old.(*autoscalingv2.HorizontalPodAutoscaler).Spec
			},
			ValidateUpdate: autoscalers.validateStatus(validateAutoscalerStatus, declaredAutoscalerStatus),
		},
		AllowUnconditionalUpdate: true,
	}
}

// declaredAutoscalerStatus are the rules that the tags of the status declare.
func declaredAutoscalerStatus(ctx context.Context, op operation.Operation, path *field.Path, hpa, old *autoscalingv2.HorizontalPodAutoscaler) field.ErrorList {
	return autoscalingv2conv.Validate_HorizontalPodAutoscalerStatus(ctx, op, path.Child("status"), &hpa.Status, &old.Status)
}
