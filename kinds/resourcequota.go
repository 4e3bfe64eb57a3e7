package kinds

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// A ResourceQuota limits what all objects of a namespace may use together.
//
// Upstream: pkg/registry/core/resourcequota (strategy).
func resourceQuota() *Kind {
	quotas := versions[corev1.ResourceQuota, core.ResourceQuota]{
		toInternal:   corev1conv.Convert_v1_ResourceQuota_To_core_ResourceQuota,
		fromInternal: corev1conv.Convert_core_ResourceQuota_To_v1_ResourceQuota,
	}
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("ResourceQuota"),
		Resource:         "resourcequotas",
		Singular:         "resourcequota",
		ShortNames:       []string{"quota"},
		Namespaced:       true,

		New:     func() Object { return &corev1.ResourceQuota{} },
		Default: quotas.defaults,

		PrepareCreate: func(obj Object) { obj.(*corev1.ResourceQuota).Status = corev1.ResourceQuotaStatus{} },
		PrepareUpdate: func(obj, old Object) {
			obj.(*corev1.ResourceQuota).Status = old.(*corev1.ResourceQuota).Status
		},
		Validate:       quotas.validate(validation.ValidateResourceQuota),
		ValidateUpdate: quotas.validateUpdate(validation.ValidateResourceQuotaUpdate),
		Warnings: func(obj, old Object) []string {
			if old != nil {
				return nil
			}
			return quotaWarnings(obj.(*corev1.ResourceQuota).Spec.Hard)
		},

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				obj.(*corev1.ResourceQuota).Spec = old.(*corev1.ResourceQuota).Spec
			},
			ValidateUpdate: quotas.validateStatus(validation.ValidateResourceQuotaStatusUpdate, nil),
		},
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,
	}
}

// quotaWarnings warns about quotas for requests that are larger than those
// for limits. For cpu and memory the bare name stands for requests too.
func quotaWarnings(hard corev1.ResourceList) []string {
	var warnings []string
	for _, name := range []corev1.ResourceName{
		corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceStorage, corev1.ResourceEphemeralStorage,
	} {
		requests, limits := "requests."+name, "limits."+name
		request, ok := hard[requests]
		if !ok && (name == corev1.ResourceCPU || name == corev1.ResourceMemory) {
			requests = name
			request, ok = hard[requests]
		}
		limit, limited := hard[limits]
		if ok && limited && request.Cmp(limit) > 0 {
			warnings = append(warnings, fmt.Sprintf("ResourceQuota %s (%s) should be less than %s (%s)",
				requests, request.String(), limits, limit.String()))
		}
	}
	return warnings
}
