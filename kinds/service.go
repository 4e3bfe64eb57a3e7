package kinds

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	serviceapi "k8s.io/kubernetes/pkg/api/service"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// A Service is a stable address for Pods. Many of its fields hang together:
// see service_fields.go. Giving out addresses and ports is the API layer's,
// and comes before all that is here.
//
// Upstream: pkg/registry/core/service (strategy), complete.
func service() *Kind {
	services := versions[corev1.Service, core.Service]{
		toInternal:   corev1conv.Convert_v1_Service_To_core_Service,
		fromInternal: corev1conv.Convert_core_Service_To_v1_Service,
	}
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Service"),
		Resource:         "services",
		StoredAs:         "services/specs",
		Singular:         "service",
		ShortNames:       []string{"svc"},
		Categories:       []string{"all"},
		Namespaced:       true,

		New:     func() Object { return &corev1.Service{} },
		Default: services.defaults,

		PrepareCreate: func(obj Object) { obj.(*corev1.Service).Status = corev1.ServiceStatus{} },
		PrepareUpdate: func(obj, old Object) {
			svc, before := obj.(*corev1.Service), old.(*corev1.Service)
			svc.Status = before.Status
			dropTypeDependentFields(svc, before)
		},
		OnRead: func(obj Object) {
			if spec := &obj.(*corev1.Service).Spec; !hasClusterIP(spec) {
				spec.InternalTrafficPolicy = nil
			}
		},
		Validate:       services.validate(validation.ValidateServiceCreate),
		ValidateUpdate: services.validateUpdate(validation.ValidateServiceUpdate),
		Warnings:       services.warnings(serviceapi.GetWarningsForService),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				obj.(*corev1.Service).Spec = old.(*corev1.Service).Spec
			},
			ValidateUpdate: services.validateStatus(validation.ValidateServiceStatusUpdate, nil),
		},
		Others:                   []OtherSubresource{{Name: "proxy", Kind: corev1.SchemeGroupVersion.WithKind("ServiceProxyOptions"), Verbs: proxyVerbs}},
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,
		AllowCreateOnUpdate:      true,

		Fields: func(obj Object) fields.Set {
			svc := obj.(*corev1.Service)
			return fields.Set{"spec.clusterIP": svc.Spec.ClusterIP, "spec.type": string(svc.Spec.Type)}
		},
		FieldNames: []string{"spec.clusterIP", "spec.type"},
	}
}
