package kinds

import (
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/discovery"
	discoveryv1conv "k8s.io/kubernetes/pkg/apis/discovery/v1"
	"k8s.io/kubernetes/pkg/apis/discovery/validation"
)

// An EndpointSlice lists some of the addresses behind a Service, at most a
// thousand. Its generation counts changes of endpoints and of labels.
//
// Upstream: pkg/registry/discovery/endpointslice (strategy), with deprecatedTopology always dropped, never read as a node name.
func endpointSlice() *Kind {
	slices := versions[discoveryv1.EndpointSlice, discovery.EndpointSlice]{
		toInternal:   discoveryv1conv.Convert_v1_EndpointSlice_To_discovery_EndpointSlice,
		fromInternal: discoveryv1conv.Convert_discovery_EndpointSlice_To_v1_EndpointSlice,
	}
	return &Kind{
		GroupVersionKind: discoveryv1.SchemeGroupVersion.WithKind("EndpointSlice"),
		Resource:         "endpointslices",
		Singular:         "endpointslice",
		Namespaced:       true,

		New:     func() Object { return &discoveryv1.EndpointSlice{} },
		Default: slices.defaults,

		PrepareCreate: func(obj Object) {
			slice := obj.(*discoveryv1.EndpointSlice)
			slice.Generation = 1
			dropTopology(slice)
		},
		PrepareUpdate: func(obj, old Object) {
			slice, before := obj.(*discoveryv1.EndpointSlice), old.(*discoveryv1.EndpointSlice)
			same := equality.Semantic.DeepEqual(slice.Endpoints, before.Endpoints)
			if !same || !equality.Semantic.DeepEqual(slice.Ports, before.Ports) ||
				slice.AddressType != before.AddressType || !equality.Semantic.DeepEqual(slice.Labels, before.Labels) {
				slice.Generation = before.Generation + 1
			}
			if !same {
				dropTopology(slice)
			}
		},
		Validate:       slices.validate(validation.ValidateEndpointSliceCreate),
		ValidateUpdate: slices.validateUpdate(validation.ValidateEndpointSliceUpdate),
		Warnings:       endpointSliceWarnings,

		AllowUnconditionalUpdate: true,
	}
}

// dropTopology removes a field that the v1 API only shows, never takes.
func dropTopology(slice *discoveryv1.EndpointSlice) {
	for i := range slice.Endpoints {
		if slice.Endpoints[i].DeprecatedTopology != nil {
			slice.Endpoints[i].DeprecatedTopology = nil
		}
	}
}

func endpointSliceWarnings(obj, old Object) []string {
	slice := obj.(*discoveryv1.EndpointSlice)
	var warnings []string
	if slice.AddressType == discoveryv1.AddressTypeFQDN {
		if old == nil {
			warnings = append(warnings, "spec.addressType: FQDN endpoints are deprecated")
		}
		return warnings
	}
	switch slice.Labels[discoveryv1.LabelManagedBy] {
	case "endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io":
		return warnings // what they write is in the usual form
	}
	for i := range slice.Endpoints {
		addresses := field.NewPath("endpoints").Index(i).Child("addresses")
		for j, address := range slice.Endpoints[i].Addresses {
			warnings = append(warnings, utilvalidation.GetWarningsForIP(addresses.Index(j), address)...)
		}
	}
	return warnings
}
