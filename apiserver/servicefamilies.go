package apiserver

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/core"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	netutils "k8s.io/utils/net"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/kinds"
)

// initIPFamilies fills in ipFamilyPolicy and ipFamilies, which depend on each
// other, on the cluster IPs, and on what the cluster has. A service that
// prefers two families is left alone until it says something else.
func (c *call) initIPFamilies(svc, old *corev1.Service) error {
	if !needsClusterIP(svc) || prefersSameFamilies(svc, old) {
		return nil
	}
	spec := &svc.Spec
	if spec.IPFamilyPolicy == nil {
		spec.IPFamilyPolicy = defaultFamilyPolicy(svc, old)
	}
	has := c.serviceFamilies()
	errs := validateClusterIPFields(svc, old)
	if len(errs) == 0 {
		errs = slices.Concat(reduceFamilies(svc, old), inferFamilies(spec, has))
	}
	if len(errs) == 0 && isHeadless(svc) && len(spec.Selector) == 0 {
		headlessFamilies(spec, has[0])
		return nil
	}
	if len(errs) == 0 {
		errs = checkFamilies(spec, has)
	}
	if len(errs) > 0 {
		return c.invalid(svc.Name, errs)
	}
	if len(spec.IPFamilies) == 0 {
		spec.IPFamilies = has[:1:1]
	}
	if *spec.IPFamilyPolicy != corev1.IPFamilyPolicySingleStack && len(spec.IPFamilies) == 1 && len(has) == 2 {
		spec.IPFamilies = []corev1.IPFamily{spec.IPFamilies[0], otherFamily(spec.IPFamilies[0])}
	}
	return nil
}

func otherFamily(family corev1.IPFamily) corev1.IPFamily {
	if family == corev1.IPv4Protocol {
		return corev1.IPv6Protocol
	}
	return corev1.IPv4Protocol
}

// prefersSameFamilies says whether an update leaves a service that prefers two
// families as it is: it does not follow what the cluster has.
func prefersSameFamilies(svc, old *corev1.Service) bool {
	prefers := func(s *corev1.Service) bool {
		return ptr.Deref(s.Spec.IPFamilyPolicy, corev1.IPFamilyPolicyPreferDualStack) == corev1.IPFamilyPolicyPreferDualStack
	}
	return old != nil && svc.Spec.IPFamilyPolicy != nil && svc.Spec.Type == old.Spec.Type && needsClusterIP(svc) && prefers(svc) && prefers(old) &&
		slices.Equal(svc.Spec.ClusterIPs, old.Spec.ClusterIPs) && slices.Equal(svc.Spec.IPFamilies, old.Spec.IPFamilies)
}

// checkFamilies refuses what the cluster does not have.
func checkFamilies(spec *corev1.ServiceSpec, has []corev1.IPFamily) field.ErrorList {
	var errs field.ErrorList
	if *spec.IPFamilyPolicy == corev1.IPFamilyPolicyRequireDualStack && len(has) < 2 {
		errs = append(errs, field.Invalid(specPath("ipFamilyPolicy"), spec.IPFamilyPolicy, "this cluster is not configured for dual-stack services"))
	}
	for i, family := range spec.IPFamilies {
		if !slices.Contains(has, family) {
			errs = append(errs, field.Invalid(specPath("ipFamilies").Index(i), family, "not configured on this cluster"))
		}
	}
	return errs
}

func specPath(name string) *field.Path { return field.NewPath("spec", name) }

func defaultFamilyPolicy(svc, old *corev1.Service) *corev1.IPFamilyPolicy {
	switch {
	case old != nil && old.Spec.IPFamilyPolicy != nil:
		return old.Spec.IPFamilyPolicy
	case isHeadless(svc) && len(svc.Spec.Selector) == 0:
		return ptr.To(corev1.IPFamilyPolicyRequireDualStack)
	}
	return ptr.To(corev1.IPFamilyPolicySingleStack)
}

// validateClusterIPFields asks upstream's rules, before anything is inferred.
func validateClusterIPFields(svc, old *corev1.Service) field.ErrorList {
	var internal core.Service
	if err := kinds.Scheme().Convert(svc, &internal, nil); err != nil {
		return field.ErrorList{field.InternalError(nil, err)}
	}
	if old == nil {
		return corevalidation.ValidateServiceClusterIPsRelatedFields(&internal, nil)
	}
	var internalOld core.Service
	if err := kinds.Scheme().Convert(old, &internalOld, nil); err != nil {
		return field.ErrorList{field.InternalError(nil, err)}
	}
	return corevalidation.ValidateServiceClusterIPsRelatedFields(&internal, &internalOld)
}

// reduceFamilies drops the second family of a service that becomes
// single-stack, and refuses to drop it silently.
func reduceFamilies(svc, old *corev1.Service) field.ErrorList {
	var errs field.ErrorList
	spec, path := &svc.Spec, specPath("ipFamilyPolicy")
	if *spec.IPFamilyPolicy != corev1.IPFamilyPolicySingleStack {
		if old == nil {
			return nil
		}
		if n := len(spec.ClusterIPs); n > 0 && n < len(old.Spec.ClusterIPs) {
			errs = append(errs, field.Invalid(path, spec.IPFamilyPolicy, "must be 'SingleStack' to release the secondary cluster IP"))
		}
		if n := len(spec.IPFamilies); n > 0 && n < len(old.Spec.IPFamilies) {
			errs = append(errs, field.Invalid(path, spec.IPFamilyPolicy, "must be 'SingleStack' to release the secondary IP family"))
		}
		return errs
	}
	if old != nil && slices.Equal(old.Spec.ClusterIPs, spec.ClusterIPs) && len(spec.ClusterIPs) > 1 {
		spec.ClusterIPs = spec.ClusterIPs[:1]
	}
	if old != nil && slices.Equal(old.Spec.IPFamilies, spec.IPFamilies) && len(spec.IPFamilies) > 1 {
		spec.IPFamilies = spec.IPFamilies[:1]
	}
	if len(spec.ClusterIPs) == 2 {
		errs = append(errs, field.Invalid(path, spec.IPFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified"))
	}
	if len(spec.IPFamilies) == 2 {
		errs = append(errs, field.Invalid(path, spec.IPFamilyPolicy, "must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified"))
	}
	return errs
}

// inferFamilies reads the families off the cluster IPs that were asked for.
func inferFamilies(spec *corev1.ServiceSpec, has []corev1.IPFamily) field.ErrorList {
	var errs field.ErrorList
	for i, ip := range spec.ClusterIPs {
		if ip == corev1.ClusterIPNone {
			break
		}
		if i < len(spec.IPFamilies) {
			continue
		}
		family := corev1.IPv4Protocol
		if netutils.IsIPv6String(ip) {
			family = corev1.IPv6Protocol
		}
		if !slices.Contains(has, family) {
			errs = append(errs, field.Invalid(specPath("clusterIPs").Index(i), spec.ClusterIPs, fmt.Sprintf("%s is not configured on this cluster", family)))
			continue
		}
		spec.IPFamilies = append(slices.Clip(spec.IPFamilies), family)
	}
	return errs
}

// headlessFamilies: nobody knows what endpoints a headless service without a
// selector will be given, so it may have both families on any cluster.
func headlessFamilies(spec *corev1.ServiceSpec, first corev1.IPFamily) {
	if len(spec.IPFamilies) == 0 {
		spec.IPFamilies = []corev1.IPFamily{first}
	}
	if len(spec.IPFamilies) == 1 && *spec.IPFamilyPolicy != corev1.IPFamilyPolicySingleStack {
		spec.IPFamilies = []corev1.IPFamily{spec.IPFamilies[0], otherFamily(spec.IPFamilies[0])}
	}
}
