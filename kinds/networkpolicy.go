package kinds

import (
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/networking"
	networkingv1conv "k8s.io/kubernetes/pkg/apis/networking/v1"
	"k8s.io/kubernetes/pkg/apis/networking/validation"
)

// A NetworkPolicy says who may talk to the Pods that it selects.
//
// Upstream: pkg/registry/networking/networkpolicy (strategy), stored and validated: the simulated network does not read it yet.
func networkPolicy() *Kind {
	policies := versions[networkingv1.NetworkPolicy, networking.NetworkPolicy]{
		toInternal:   networkingv1conv.Convert_v1_NetworkPolicy_To_networking_NetworkPolicy,
		fromInternal: networkingv1conv.Convert_networking_NetworkPolicy_To_v1_NetworkPolicy,
	}
	return &Kind{
		GroupVersionKind: networkingv1.SchemeGroupVersion.WithKind("NetworkPolicy"),
		Resource:         "networkpolicies",
		Singular:         "networkpolicy",
		ShortNames:       []string{"netpol"},
		Namespaced:       true,

		New:     func() Object { return &networkingv1.NetworkPolicy{} },
		Default: policies.defaults,

		PrepareCreate: func(obj Object) { obj.SetGeneration(1) },
		PrepareUpdate: func(obj, old Object) {
			policy, before := obj.(*networkingv1.NetworkPolicy), old.(*networkingv1.NetworkPolicy)
			if !equality.Semantic.DeepEqual(policy.Spec, before.Spec) {
				policy.Generation = before.Generation + 1
			}
		},
		Validate: policies.validate(func(p *networking.NetworkPolicy) field.ErrorList {
			return validation.ValidateNetworkPolicy(p, validation.ValidationOptionsForNetworking(p, nil))
		}),
		ValidateUpdate: policies.validateUpdate(func(p, old *networking.NetworkPolicy) field.ErrorList {
			return validation.ValidateNetworkPolicyUpdate(p, old, validation.ValidationOptionsForNetworking(p, old))
		}),
		Warnings: func(obj, _ Object) []string {
			return networkPolicyWarnings(&obj.(*networkingv1.NetworkPolicy).Spec)
		},
		AllowUnconditionalUpdate: true,
	}
}

// networkPolicyWarnings warns about ranges of addresses in an odd form.
func networkPolicyWarnings(spec *networkingv1.NetworkPolicySpec) []string {
	var warnings []string
	for i, rule := range spec.Ingress {
		warnings = append(warnings, peerWarnings(field.NewPath("spec", "ingress").Index(i).Child("from"), rule.From)...)
	}
	for i, rule := range spec.Egress {
		warnings = append(warnings, peerWarnings(field.NewPath("spec", "egress").Index(i).Child("to"), rule.To)...)
	}
	return warnings
}

func peerWarnings(path *field.Path, peers []networkingv1.NetworkPolicyPeer) []string {
	var warnings []string
	for i, peer := range peers {
		if peer.IPBlock == nil {
			continue
		}
		block := path.Index(i).Child("ipBlock")
		warnings = append(warnings, utilvalidation.GetWarningsForCIDR(block.Child("cidr"), peer.IPBlock.CIDR)...)
		for j, except := range peer.IPBlock.Except {
			warnings = append(warnings, utilvalidation.GetWarningsForCIDR(block.Child("except").Index(j), except)...)
		}
	}
	return warnings
}
