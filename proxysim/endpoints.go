package proxysim

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// endpointSlices are the IPv4 slices of a Service.
func endpointSlices(v reconcile.View, service *corev1.Service) []*discoveryv1.EndpointSlice {
	ofService := labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: service.Name})
	all := reconcile.EndpointSlices.List(v, reconcile.InNamespace(service.Namespace), reconcile.Matching(ofService))
	return slices.DeleteFunc(all, func(s *discoveryv1.EndpointSlice) bool { return s.AddressType != discoveryv1.AddressTypeIPv4 })
}

// endpoints picks the usable endpoints of a Service's port: those that are
// ready or, if none is, those that still serve while they terminate. The local
// ones, if wanted, are picked from this machine's in the same way.
//
// Upstream: pkg/proxy (CategorizeEndpoints), without topology hints.
func endpoints(all []*discoveryv1.EndpointSlice, port *corev1.ServicePort, node string, wantLocal bool) (cluster, local []nodelocal.ProxyEndpoint) {
	var ready, serving, localReady, localServing []nodelocal.ProxyEndpoint
	for _, slice := range all {
		number, ok := portNumber(slice, port)
		if !ok {
			continue
		}
		for i := range slice.Endpoints {
			e := &slice.Endpoints[i]
			isReady := ptr.Deref(e.Conditions.Ready, true)
			isLastResort := ptr.Deref(e.Conditions.Serving, isReady) && ptr.Deref(e.Conditions.Terminating, false)
			if len(e.Addresses) == 0 || !isReady && !isLastResort {
				continue
			}
			pe := nodelocal.ProxyEndpoint{IP: e.Addresses[0], Port: number}
			if ref := e.TargetRef; ref != nil && ref.Kind == "Pod" {
				pe.Pod = ref.Namespace + "/" + ref.Name
			}
			here := wantLocal && e.NodeName != nil && *e.NodeName == node
			switch {
			case isReady && here:
				ready, localReady = append(ready, pe), append(localReady, pe)
			case isReady:
				ready = append(ready, pe)
			case here:
				serving, localServing = append(serving, pe), append(localServing, pe)
			default:
				serving = append(serving, pe)
			}
		}
	}
	return sortedOr(ready, serving), sortedOr(localReady, localServing)
}

// sortedOr is the first list, or the second if the first is empty, in a fixed
// order and without doubles: slices may overlap for a moment.
func sortedOr(first, second []nodelocal.ProxyEndpoint) []nodelocal.ProxyEndpoint {
	if len(first) == 0 {
		first = second
	}
	slices.SortFunc(first, func(a, b nodelocal.ProxyEndpoint) int {
		if a.IP != b.IP {
			return compareIPs(a.IP, b.IP)
		}
		return int(a.Port - b.Port)
	})
	return slices.CompactFunc(first, func(a, b nodelocal.ProxyEndpoint) bool { return a.IP == b.IP && a.Port == b.Port })
}

// compareIPs orders IPv4 addresses by number as far as their length tells:
// 10.0.0.9 comes before 10.0.0.10.
func compareIPs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	if a < b {
		return -1
	}
	return 1
}

// portNumber is where a slice's endpoints listen for a Service's port.
func portNumber(slice *discoveryv1.EndpointSlice, port *corev1.ServicePort) (int32, bool) {
	for _, p := range slice.Ports {
		if ptr.Deref(p.Name, "") == port.Name && ptr.Deref(p.Protocol, corev1.ProtocolTCP) == port.Protocol && p.Port != nil {
			return *p.Port, true
		}
	}
	return 0, false
}

// equalRules compares rules, but for when they were programmed. It is run on
// every machine for every change, and so does without reflection.
func equalRules(a, b *nodelocal.ProxyRules) bool {
	return a.Service == b.Service && a.SessionAffinity == b.SessionAffinity && a.AffinitySeconds == b.AffinitySeconds &&
		slices.EqualFunc(a.Ports, b.Ports, equalPorts)
}

func equalPorts(a, b nodelocal.ProxyPort) bool {
	return a.Name == b.Name && a.Protocol == b.Protocol && a.Port == b.Port && a.NodePort == b.NodePort &&
		a.InternalLocal == b.InternalLocal && a.ExternalLocal == b.ExternalLocal &&
		slices.Equal(a.ClusterIPs, b.ClusterIPs) && slices.Equal(a.ExternalIPs, b.ExternalIPs) &&
		slices.Equal(a.LoadBalancerIPs, b.LoadBalancerIPs) &&
		slices.Equal(a.Endpoints, b.Endpoints) && slices.Equal(a.LocalEndpoints, b.LocalEndpoints)
}

// describe names the first of a Service's endpoints, for the reason of a write.
func describe(r *nodelocal.ProxyRules) string {
	const named = 3
	if len(r.Ports) == 0 || len(r.Ports[0].Endpoints) == 0 {
		return "no endpoints"
	}
	all := r.Ports[0].Endpoints
	text := hostPort(all[0])
	for _, e := range all[1:min(len(all), named)] {
		text += " " + hostPort(e)
	}
	if more := len(all) - named; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
