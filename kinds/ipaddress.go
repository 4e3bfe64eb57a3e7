package kinds

import (
	"slices"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/networking"
	networkingv1conv "k8s.io/kubernetes/pkg/apis/networking/v1"
	"k8s.io/kubernetes/pkg/apis/networking/validation"
)

// An IPAddress says that an address is taken, and by what. Its name is the
// address.
//
// Upstream: pkg/registry/networking/ipaddress (strategy), complete.
func ipAddress() *Kind {
	addresses := versions[networkingv1.IPAddress, networking.IPAddress]{
		toInternal:    networkingv1conv.Convert_v1_IPAddress_To_networking_IPAddress,
		fromInternal:  networkingv1conv.Convert_networking_IPAddress_To_v1_IPAddress,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: networkingv1.SchemeGroupVersion.WithKind("IPAddress"),
		Resource:         "ipaddresses",
		Singular:         "ipaddress",
		ShortNames:       []string{"ip"},
		NoSuffix:         true,

		New:     func() Object { return &networkingv1.IPAddress{} },
		Default: addresses.defaults,

		Validate: addresses.validate(validation.ValidateIPAddress),
		ValidateUpdate: addresses.validateUpdate(func(a, old *networking.IPAddress) field.ErrorList {
			return slices.Concat(validation.ValidateIPAddress(a), validation.ValidateIPAddressUpdate(a, old))
		}),
		AllowUnconditionalUpdate: true,
	}
}
