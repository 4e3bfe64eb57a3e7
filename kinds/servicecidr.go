package kinds

import (
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/apis/networking"
	networkingv1conv "k8s.io/kubernetes/pkg/apis/networking/v1"
	"k8s.io/kubernetes/pkg/apis/networking/validation"
)

// A ServiceCIDR is a range that Services get their addresses from.
//
// Upstream: pkg/registry/networking/servicecidr (strategy), complete.
func serviceCIDR() *Kind {
	cidrs := versions[networkingv1.ServiceCIDR, networking.ServiceCIDR]{
		toInternal:    networkingv1conv.Convert_v1_ServiceCIDR_To_networking_ServiceCIDR,
		fromInternal:  networkingv1conv.Convert_networking_ServiceCIDR_To_v1_ServiceCIDR,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: networkingv1.SchemeGroupVersion.WithKind("ServiceCIDR"),
		Resource:         "servicecidrs",
		Singular:         "servicecidr",

		New:     func() Object { return &networkingv1.ServiceCIDR{} },
		Default: cidrs.defaults,

		PrepareCreate: func(obj Object) { obj.(*networkingv1.ServiceCIDR).Status = networkingv1.ServiceCIDRStatus{} },
		PrepareUpdate: func(obj, old Object) {
			obj.(*networkingv1.ServiceCIDR).Status = old.(*networkingv1.ServiceCIDR).Status
		},
		Validate:       cidrs.validate(validation.ValidateServiceCIDR),
		ValidateUpdate: cidrs.validateUpdate(validation.ValidateServiceCIDRUpdate),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				cidr, before := obj.(*networkingv1.ServiceCIDR), old.(*networkingv1.ServiceCIDR)
				cidr.Spec = before.Spec
				metav1.ResetObjectMetaForStatus(cidr, before)
			},
			ValidateUpdate: cidrs.validateStatus(validation.ValidateServiceCIDRStatusUpdate, nil),
			ResetFields:    []string{"spec", "metadata"},
		},
		AllowUnconditionalUpdate: true,
	}
}
