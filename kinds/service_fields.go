package kinds

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// dropTypeDependentFields clears the fields that a service's new type has no
// use for, but only where the client has left them as they were: they were
// filled in on its behalf, and whoever changes them as well means something
// by it, which validation then answers.
func dropTypeDependentFields(svc, old *corev1.Service) {
	spec, before := &svc.Spec, &old.Spec
	if hasClusterIP(before) && !hasClusterIP(spec) {
		if spec.ClusterIP == before.ClusterIP && slices.Equal(spec.ClusterIPs, before.ClusterIPs) {
			spec.ClusterIP, spec.ClusterIPs = "", nil
		}
		if slices.Equal(spec.IPFamilies, before.IPFamilies) {
			spec.IPFamilies = nil
		}
		if ptr.Equal(spec.IPFamilyPolicy, before.IPFamilyPolicy) {
			spec.IPFamilyPolicy = nil
		}
	}
	if hasNodePorts(before) && !hasNodePorts(spec) && !addsNodePorts(spec, before) {
		for i := range spec.Ports {
			spec.Ports[i].NodePort = 0
		}
	}
	if hasHealthCheckNodePort(before) && !hasHealthCheckNodePort(spec) && spec.HealthCheckNodePort == before.HealthCheckNodePort {
		spec.HealthCheckNodePort = 0
	}
	if isLoadBalancer(before) && !isLoadBalancer(spec) {
		if ptr.Equal(spec.AllocateLoadBalancerNodePorts, before.AllocateLoadBalancerNodePorts) {
			spec.AllocateLoadBalancerNodePorts = nil
		}
		if ptr.Equal(spec.LoadBalancerClass, before.LoadBalancerClass) {
			spec.LoadBalancerClass = nil
		}
	}
	if isExternal(before) && !isExternal(spec) && spec.ExternalTrafficPolicy == before.ExternalTrafficPolicy {
		spec.ExternalTrafficPolicy = ""
	}
	if !isLoadBalancer(spec) {
		svc.Status.LoadBalancer = corev1.LoadBalancerStatus{}
	}
}

func hasClusterIP(spec *corev1.ServiceSpec) bool {
	return spec.Type != corev1.ServiceTypeExternalName
}

func isLoadBalancer(spec *corev1.ServiceSpec) bool {
	return spec.Type == corev1.ServiceTypeLoadBalancer
}

func hasNodePorts(spec *corev1.ServiceSpec) bool {
	return isLoadBalancer(spec) || spec.Type == corev1.ServiceTypeNodePort
}

// addsNodePorts says that spec has a node port which before does not have.
func addsNodePorts(spec, before *corev1.ServiceSpec) bool {
	for _, port := range spec.Ports {
		had := func(p corev1.ServicePort) bool { return p.NodePort == port.NodePort }
		if port.NodePort != 0 && !slices.ContainsFunc(before.Ports, had) {
			return true
		}
	}
	return false
}

func hasHealthCheckNodePort(spec *corev1.ServiceSpec) bool {
	return isLoadBalancer(spec) && spec.ExternalTrafficPolicy == corev1.ServiceExternalTrafficPolicyLocal
}

// isExternal says that the service can be reached from outside of the cluster.
func isExternal(spec *corev1.ServiceSpec) bool {
	return hasNodePorts(spec) || spec.Type == corev1.ServiceTypeClusterIP && len(spec.ExternalIPs) > 0
}
