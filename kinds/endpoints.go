package kinds

import (
	corev1 "k8s.io/api/core/v1"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

const (
	endpointsManagedBy  = "endpoints.kubernetes.io/managed-by"
	endpointsController = "endpoint-controller"
)

// Endpoints is the older form of EndpointSlice: all addresses of a Service in
// one object.
//
// Upstream: pkg/registry/core/endpoint (strategy), complete.
func endpoints() *Kind {
	all := versions[corev1.Endpoints, core.Endpoints]{
		toInternal:   corev1conv.Convert_v1_Endpoints_To_core_Endpoints,
		fromInternal: corev1conv.Convert_core_Endpoints_To_v1_Endpoints,
	}
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Endpoints"),
		Resource:         "endpoints",
		StoredAs:         "services/endpoints",
		Singular:         "endpoints",
		ShortNames:       []string{"ep"},
		Namespaced:       true,

		New:     func() Object { return &corev1.Endpoints{} },
		Default: all.defaults,

		Validate:       all.validate(validation.ValidateEndpointsCreate),
		ValidateUpdate: all.validateUpdate(validation.ValidateEndpointsUpdate),
		Warnings:       func(obj, _ Object) []string { return endpointsWarnings(obj.(*corev1.Endpoints)) },

		AllowUnconditionalUpdate: true,
		AllowCreateOnUpdate:      true,
	}
}

// endpointsWarnings warns about addresses in an unusual form. What the
// controller writes has none, so its objects are not searched.
func endpointsWarnings(e *corev1.Endpoints) []string {
	if e.Labels[endpointsManagedBy] == endpointsController {
		return nil
	}
	var warnings []string
	warn := func(path *field.Path, addresses []corev1.EndpointAddress) {
		for i := range addresses {
			warnings = append(warnings, utilvalidation.GetWarningsForIP(path.Index(i).Child("ip"), addresses[i].IP)...)
		}
	}
	for i := range e.Subsets {
		subset := field.NewPath("subsets").Index(i)
		warn(subset.Child("addresses"), e.Subsets[i].Addresses)
		warn(subset.Child("notReadyAddresses"), e.Subsets[i].NotReadyAddresses)
	}
	return warnings
}
