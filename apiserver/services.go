package apiserver

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/kinds"
)

// serviceAllocator gives Services their addresses and ports.
//
// Upstream: pkg/registry/core/service/storage, complete.
func serviceAllocator() *allocator {
	return &allocator{
		create: func(c *call, obj kinds.Object) error {
			svc := obj.(*corev1.Service)
			normalizeClusterIPs(svc, nil)
			return firstError(
				func() error { return c.initIPFamilies(svc, nil) },
				func() error { return c.allocateClusterIPs(svc) },
				func() error { return c.allocateNodePorts(svc) },
			)
		},
		update: func(c *call, obj, old kinds.Object) error {
			svc, before := obj.(*corev1.Service), old.(*corev1.Service)
			keepAllocated(svc, before)
			normalizeClusterIPs(svc, before)
			return firstError(
				func() error { return c.initIPFamilies(svc, before) },
				func() error { return c.updateClusterIPs(svc, before) },
				func() error { return c.updateNodePorts(svc, before) },
			)
		},
		release: func(c *call, obj kinds.Object) {
			svc := obj.(*corev1.Service)
			c.releaseClusterIPs(svc, svc.Spec.ClusterIPs)
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
