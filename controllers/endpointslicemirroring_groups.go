package controllers

import (
	"cmp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
)

// mirrorGroup is what one slice is to hold.
type mirrorGroup struct {
	family    discoveryv1.AddressType
	ports     []discoveryv1.EndpointPort
	endpoints []discoveryv1.Endpoint
}

// mirrorGroups turns subsets into endpoints, by the ports they serve and the
// family of their addresses. It says how many addresses there is no room for.
//
// Upstream: pkg/controller/endpointslicemirroring (reconcile), without an event about invalid addresses: validation lets none through.
func mirrorGroups(subsets []corev1.EndpointSubset) (groups []*mirrorGroup, tooMany int) {
	for _, subset := range repackSubsets(subsets) {
		ports := mirrorPorts(subset.ports)
		byFamily := map[discoveryv1.AddressType]*mirrorGroup{}
		room := min(maxMirroredPerSubset, len(subset.addresses))
		tooMany += len(subset.addresses) - room
		for _, a := range subset.addresses[:room] {
			family := discoveryv1.AddressTypeIPv4
			if isIPv6(a.IP) {
				family = discoveryv1.AddressTypeIPv6
			}
			if byFamily[family] == nil {
				byFamily[family] = &mirrorGroup{family: family, ports: ports}
				groups = append(groups, byFamily[family])
			}
			byFamily[family].endpoints = append(byFamily[family].endpoints, mirrorEndpoint(a))
		}
	}
	return groups, tooMany
}

func mirrorEndpoint(a *listedAddress) discoveryv1.Endpoint {
	e := discoveryv1.Endpoint{
		Addresses:  []string{a.IP},
		Conditions: discoveryv1.EndpointConditions{Ready: ptr.To(a.ready)},
		TargetRef:  a.TargetRef,
		NodeName:   a.NodeName,
	}
	if a.Hostname != "" {
		e.Hostname = ptr.To(a.Hostname)
	}
	return e
}

func mirrorPorts(ports []corev1.EndpointPort) []discoveryv1.EndpointPort {
	mirrored := make([]discoveryv1.EndpointPort, len(ports))
	for i, p := range ports {
		mirrored[i] = discoveryv1.EndpointPort{Name: ptr.To(p.Name), Port: ptr.To(p.Port), Protocol: ptr.To(p.Protocol), AppProtocol: p.AppProtocol}
	}
	return mirrored
}

// listedAddress is an address as subsets list it for one port.
type listedAddress struct {
	corev1.EndpointAddress
	ready bool
}

// portSubset is a list of ports and the addresses that serve just these: those
// that are ready first.
type portSubset struct {
	ports     []corev1.EndpointPort
	addresses []*listedAddress
	listed    map[addressID]*listedAddress
}

// addressID tells addresses apart. Pods may share one.
type addressID struct {
	ip  string
	uid types.UID
}

// repackSubsets brings what people write into the form that controllers write:
// each port once for each address, and the ports together that the same
// addresses serve. An address that a port is listed with twice is not ready
// unless it is so both times.
//
// Upstream: pkg/api/v1/endpoints (RepackSubsets), in the order in which ports and addresses are listed.
func repackSubsets(subsets []corev1.EndpointSubset) []*portSubset {
	var byPort []*portSubset
	for i := range subsets {
		ports := subsets[i].Ports
		if len(ports) == 0 {
			ports = []corev1.EndpointPort{{}} // addresses without a port are kept too
		}
		for _, port := range ports {
			at := slices.IndexFunc(byPort, func(s *portSubset) bool { return sameEndpointPort(s.ports[0], port) })
			if at < 0 {
				at = len(byPort)
				byPort = append(byPort, &portSubset{ports: []corev1.EndpointPort{port}, listed: map[addressID]*listedAddress{}})
			}
			byPort[at].list(subsets[i].Addresses, true)
			byPort[at].list(subsets[i].NotReadyAddresses, false)
		}
	}
	var packed []*portSubset
	for _, s := range byPort {
		s.sort()
		if s.ports[0].Port == 0 {
			s.ports = nil
		}
		at := slices.IndexFunc(packed, func(p *portSubset) bool { return slices.EqualFunc(p.addresses, s.addresses, sameListed) })
		if at < 0 {
			packed = append(packed, s)
			continue
		}
		packed[at].ports = append(packed[at].ports, s.ports...)
	}
	return packed
}

// list adds addresses, or finds them listed.
func (s *portSubset) list(addresses []corev1.EndpointAddress, ready bool) {
	for i := range addresses {
		a := &listedAddress{addresses[i], ready}
		if before := s.listed[a.id()]; before != nil {
			before.ready = before.ready && ready
			continue
		}
		s.listed[a.id()] = a
		s.addresses = append(s.addresses, a)
	}
}

func (s *portSubset) sort() {
	slices.SortStableFunc(s.addresses, func(a, b *listedAddress) int {
		if a.ready != b.ready {
			return trueFirst(a.ready)
		}
		return cmp.Or(cmp.Compare(a.IP, b.IP), cmp.Compare(a.id().uid, b.id().uid))
	})
}

func (a *listedAddress) id() addressID {
	if a.TargetRef == nil {
		return addressID{ip: a.IP}
	}
	return addressID{a.IP, a.TargetRef.UID}
}

func sameListed(a, b *listedAddress) bool { return a.id() == b.id() && a.ready == b.ready }
