package controllers

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// readyAddress is one Pod behind a Service, in the order in which subsets
// list their addresses.
type readyAddress struct {
	corev1.EndpointAddress
	pod   *corev1.Pod
	ready bool
}

// addressesOf are the addresses of a Service's Pods, by IP and then UID. Pods
// that are being deleted are left out.
func addressesOf(svc *corev1.Service, pods []*corev1.Pod) []readyAddress {
	addresses := make([]readyAddress, 0, len(pods))
	for _, pod := range pods {
		ip := addressFor(svc, pod)
		if ip == "" || !belongsInEndpoints(pod) || pod.DeletionTimestamp != nil && !svc.Spec.PublishNotReadyAddresses {
			continue
		}
		a := readyAddress{pod: pod, ready: svc.Spec.PublishNotReadyAddresses || isPodReady(pod)}
		a.IP, a.NodeName, a.TargetRef = ip, ptr.To(pod.Spec.NodeName), targetOf(pod)
		if hasOwnHostname(pod, svc) {
			a.Hostname = pod.Spec.Hostname
		}
		addresses = append(addresses, a)
	}
	slices.SortStableFunc(addresses, func(a, b readyAddress) int {
		return cmp.Or(strings.Compare(a.IP, b.IP), strings.Compare(string(a.pod.UID), string(b.pod.UID)))
	})
	return addresses
}

// addressFor is the Pod's address of the Service's first IP family.
func addressFor(svc *corev1.Service, pod *corev1.Pod) string {
	wantIPv6 := isIPv6(pod.Status.PodIP)
	switch {
	case len(svc.Spec.IPFamilies) > 0:
		wantIPv6 = svc.Spec.IPFamilies[0] == corev1.IPv6Protocol
	case !isHeadless(svc):
		wantIPv6 = isIPv6(svc.Spec.ClusterIP)
	}
	for _, ip := range pod.Status.PodIPs {
		if isIPv6(ip.IP) == wantIPv6 {
			return ip.IP
		}
	}
	return ""
}

// offer is a port and the addresses, by index, that serve it.
type offer struct {
	ports     []corev1.EndpointPort
	addresses []int
}

// packSubsets groups a Service's addresses by the ports they serve. All Pods
// normally serve the same ones, which makes one subset; a named target port
// that stands for different numbers in different Pods makes several. The order
// of ports, addresses and subsets is that of upstream's RepackSubsets.
func packSubsets(svc *corev1.Service, addresses []readyAddress) []corev1.EndpointSubset {
	var subsets []corev1.EndpointSubset
	for _, o := range mergeOffers(offersOf(svc, addresses)) {
		var subset corev1.EndpointSubset
		if len(o.ports) > 0 {
			subset.Ports = sortedByHash(o.ports)
		}
		for _, i := range o.addresses {
			if addresses[i].ready {
				subset.Addresses = append(subset.Addresses, addresses[i].EndpointAddress)
			} else {
				subset.NotReadyAddresses = append(subset.NotReadyAddresses, addresses[i].EndpointAddress)
			}
		}
		subsets = append(subsets, subset)
	}
	if len(subsets) < 2 {
		return subsets
	}
	return sortedByHash(subsets)
}

// offersOf says for each port, as the Pods resolve it, who serves it. A
// headless Service may have no ports.
func offersOf(svc *corev1.Service, addresses []readyAddress) []offer {
	var offers []offer
	if len(svc.Spec.Ports) == 0 && len(addresses) > 0 && svc.Spec.ClusterIP == corev1.ClusterIPNone {
		all := offer{}
		for i := range addresses {
			all.addresses = append(all.addresses, i)
		}
		return []offer{all}
	}
	for p := range svc.Spec.Ports {
		port := &svc.Spec.Ports[p]
		first := len(offers)
		for i := range addresses {
			number, ok := findPort(addresses[i].pod, port)
			if !ok {
				continue
			}
			at := slices.IndexFunc(offers[first:], func(o offer) bool { return o.ports[0].Port == number })
			if at < 0 {
				at = len(offers) - first
				offers = append(offers, offer{ports: []corev1.EndpointPort{{
					Name: port.Name, Port: number, Protocol: port.Protocol, AppProtocol: port.AppProtocol,
				}}})
			}
			offers[first+at].addresses = append(offers[first+at].addresses, i)
		}
	}
	return offers
}

// mergeOffers puts together the ports that the same addresses serve.
func mergeOffers(offers []offer) []offer {
	var merged []offer
	for _, o := range offers {
		at := slices.IndexFunc(merged, func(m offer) bool { return slices.Equal(m.addresses, o.addresses) })
		if at < 0 {
			merged = append(merged, o)
			continue
		}
		merged[at].ports = append(merged[at].ports, o.ports...)
	}
	return merged
}

func sameSubsets(a, b []corev1.EndpointSubset) bool {
	return slices.EqualFunc(a, b, func(a, b corev1.EndpointSubset) bool {
		return slices.EqualFunc(a.Ports, b.Ports, sameEndpointPort) &&
			slices.EqualFunc(a.Addresses, b.Addresses, sameAddress) &&
			slices.EqualFunc(a.NotReadyAddresses, b.NotReadyAddresses, sameAddress)
	})
}

func sameEndpointPort(a, b corev1.EndpointPort) bool {
	return a.Name == b.Name && a.Port == b.Port && a.Protocol == b.Protocol && ptr.Equal(a.AppProtocol, b.AppProtocol)
}

func sameAddress(a, b corev1.EndpointAddress) bool {
	return a.IP == b.IP && a.Hostname == b.Hostname && ptr.Equal(a.NodeName, b.NodeName) && sameTarget(a.TargetRef, b.TargetRef)
}

// sameTarget compares references to Pods but for the Pod's resource version,
// which would change the endpoints with every change of the Pod.
func sameTarget(a, b *corev1.ObjectReference) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == b.Kind && a.Namespace == b.Namespace && a.Name == b.Name && a.UID == b.UID
}
