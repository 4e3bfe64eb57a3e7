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

// serviceAllocator gives Services their addresses and ports.
//
// Upstream: pkg/registry/core/service/storage, for a cluster of one address family, IPv4.
func serviceAllocator() *allocator {
	return &allocator{
		create: func(c *call, obj kinds.Object) error {
			svc := obj.(*corev1.Service)
			normalizeClusterIPs(svc, nil)
			return firstError(
				func() error { return c.initIPFamilies(svc, nil) },
				func() error { return c.allocateClusterIP(svc) },
				func() error { return c.allocateNodePorts(svc) },
			)
		},
		update: func(c *call, obj, old kinds.Object) error {
			svc, before := obj.(*corev1.Service), old.(*corev1.Service)
			keepAllocated(svc, before)
			normalizeClusterIPs(svc, before)
			return firstError(
				func() error { return c.initIPFamilies(svc, before) },
				func() error { return c.updateClusterIP(svc, before) },
				func() error { return c.updateNodePorts(svc, before) },
			)
		},
		release: func(c *call, obj kinds.Object) {
			svc := obj.(*corev1.Service)
			c.releaseClusterIP(svc)
			c.releaseNodePorts(svc)
		},
	}
}

func firstError(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// normalizeClusterIPs keeps clusterIP and clusterIPs in step for clients that
// know only one of them. old is nil for a new service.
func normalizeClusterIPs(svc, old *corev1.Service) {
	spec := &svc.Spec
	if old == nil {
		if spec.ClusterIP != "" && len(spec.ClusterIPs) == 0 {
			spec.ClusterIPs = []string{spec.ClusterIP}
		}
		return
	}
	was := &old.Spec
	if len(was.ClusterIPs) > 0 && len(spec.ClusterIPs) == 0 && was.ClusterIP == spec.ClusterIP {
		spec.ClusterIPs = was.ClusterIPs
	}
	if was.ClusterIP == spec.ClusterIP || !slices.Equal(was.ClusterIPs, spec.ClusterIPs) {
		return
	}
	spec.ClusterIPs = nil
	if was.ClusterIP == "" || spec.ClusterIP != "" {
		spec.ClusterIPs = []string{spec.ClusterIP}
	}
}

// keepAllocated lets a client send a service again without what it was given.
func keepAllocated(svc, old *corev1.Service) {
	spec, was := &svc.Spec, &old.Spec
	if needsClusterIP(old) && needsClusterIP(svc) {
		if spec.ClusterIP == "" {
			spec.ClusterIP = was.ClusterIP
		}
		if len(spec.ClusterIPs) == 0 {
			spec.ClusterIPs = was.ClusterIPs
		}
	}
	if needsNodePort(old) && needsNodePort(svc) {
		keepNodePorts(spec.Ports, was.Ports)
	}
	if needsHealthCheckPort(old) && needsHealthCheckPort(svc) && spec.HealthCheckNodePort == 0 {
		spec.HealthCheckNodePort = was.HealthCheckNodePort
	}
}

func keepNodePorts(ports, old []corev1.ServicePort) {
	inUse := func(port int32) bool {
		return slices.ContainsFunc(ports, func(p corev1.ServicePort) bool { return p.NodePort == port })
	}
	free := map[string]int32{}
	for _, p := range old {
		if !inUse(p.NodePort) {
			free[p.Name] = p.NodePort
		}
	}
	for i := range ports {
		if ports[i].NodePort == 0 {
			ports[i].NodePort = free[ports[i].Name]
		}
	}
}

func needsClusterIP(svc *corev1.Service) bool { return svc.Spec.Type != corev1.ServiceTypeExternalName }

func needsNodePort(svc *corev1.Service) bool {
	return svc.Spec.Type == corev1.ServiceTypeNodePort ||
		svc.Spec.Type == corev1.ServiceTypeLoadBalancer && ptr.Deref(svc.Spec.AllocateLoadBalancerNodePorts, true)
}

func needsHealthCheckPort(svc *corev1.Service) bool {
	return svc.Spec.Type == corev1.ServiceTypeLoadBalancer && svc.Spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal
}

func isHeadless(svc *corev1.Service) bool { return svc.Spec.ClusterIP == corev1.ClusterIPNone }

// initIPFamilies fills in ipFamilyPolicy and ipFamilies, which depend on each
// other, on the cluster IPs, and on what the cluster has.
func (c *call) initIPFamilies(svc, old *corev1.Service) error {
	if !needsClusterIP(svc) {
		return nil
	}
	spec := &svc.Spec
	if spec.IPFamilyPolicy == nil {
		spec.IPFamilyPolicy = defaultFamilyPolicy(svc, old)
	}
	if errs := validateClusterIPFields(svc, old); len(errs) > 0 {
		return c.invalid(svc.Name, errs)
	}
	errs := reduceFamilies(svc, old)
	errs = append(errs, inferFamilies(spec)...)
	if len(errs) > 0 {
		return c.invalid(svc.Name, errs)
	}
	if isHeadless(svc) && len(spec.Selector) == 0 {
		headlessFamilies(spec)
		return nil
	}
	if *spec.IPFamilyPolicy == corev1.IPFamilyPolicyRequireDualStack {
		errs = append(errs, field.Invalid(specPath("ipFamilyPolicy"), spec.IPFamilyPolicy, "this cluster is not configured for dual-stack services"))
	}
	for i, family := range spec.IPFamilies {
		if family != corev1.IPv4Protocol {
			errs = append(errs, field.Invalid(specPath("ipFamilies").Index(i), family, "not configured on this cluster"))
		}
	}
	if len(errs) > 0 {
		return c.invalid(svc.Name, errs)
	}
	if len(spec.IPFamilies) == 0 {
		spec.IPFamilies = []corev1.IPFamily{corev1.IPv4Protocol}
	}
	return nil
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
func inferFamilies(spec *corev1.ServiceSpec) field.ErrorList {
	var errs field.ErrorList
	for i, ip := range spec.ClusterIPs {
		if ip == corev1.ClusterIPNone {
			break
		}
		if i < len(spec.IPFamilies) {
			continue
		}
		if netutils.IsIPv6String(ip) {
			errs = append(errs, field.Invalid(specPath("clusterIPs").Index(i), spec.ClusterIPs, fmt.Sprintf("%s is not configured on this cluster", corev1.IPv6Protocol)))
			continue
		}
		spec.IPFamilies = append(slices.Clip(spec.IPFamilies), corev1.IPv4Protocol)
	}
	return errs
}

// headlessFamilies: nobody knows what endpoints a headless service without a
// selector will be given, so it may have both families on any cluster.
func headlessFamilies(spec *corev1.ServiceSpec) {
	if len(spec.IPFamilies) == 0 {
		spec.IPFamilies = []corev1.IPFamily{corev1.IPv4Protocol}
	}
	if len(spec.IPFamilies) > 1 || *spec.IPFamilyPolicy == corev1.IPFamilyPolicySingleStack {
		return
	}
	other := corev1.IPv6Protocol
	if spec.IPFamilies[0] == corev1.IPv6Protocol {
		other = corev1.IPv4Protocol
	}
	spec.IPFamilies = []corev1.IPFamily{spec.IPFamilies[0], other}
}
