package controllers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/dump"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
)

// portGroup is the endpoints that serve the same ports. Only they can share
// slices, since a slice has one list of ports for all its endpoints.
type portGroup struct {
	ports     []discoveryv1.EndpointPort
	endpoints []wantedEndpoint
	byID      map[endpointID]int // index in endpoints
}

// wantedEndpoint is an endpoint as it should be, and whether it has a place in
// a slice yet.
type wantedEndpoint struct {
	discoveryv1.Endpoint
	pod    *corev1.Pod
	placed bool
}

// endpointID is what makes two endpoints the same one, so that it is changed
// in place when anything else about it changes.
type endpointID struct{ addresses, hostname, namespace, pod string }

func idOf(e *discoveryv1.Endpoint) endpointID {
	id := endpointID{hostname: ptr.Deref(e.Hostname, "")}
	if len(e.Addresses) == 1 {
		id.addresses = e.Addresses[0]
	} else {
		id.addresses = strings.Join(e.Addresses, ",")
	}
	if e.TargetRef != nil {
		id.namespace, id.pod = e.TargetRef.Namespace, e.TargetRef.Name
	}
	return id
}

// endpointBuilder makes endpoints of one IP family out of a Service's Pods.
type endpointBuilder struct {
	view    reconcile.View
	svc     *corev1.Service
	family  discoveryv1.AddressType
	nodes   map[string]nodeFacts
	yes, no *bool
	// skipped says which Pods were left out although they have an address.
	skipped []error
}

// nodeFacts is what an endpoint says about its Pod's Node.
type nodeFacts struct {
	exists     bool
	name, zone *string
}

func newEndpointBuilder(v reconcile.View, svc *corev1.Service, family discoveryv1.AddressType) *endpointBuilder {
	return &endpointBuilder{view: v, svc: svc, family: family,
		nodes: map[string]nodeFacts{}, yes: ptr.To(true), no: ptr.To(false)}
}

// groupByPorts makes the endpoints, in the order of the Pods, and groups them
// by the ports that the Service's target ports stand for.
//
// Upstream: k8s.io/endpointslice (reconcileByAddressType), which retries until a missing Node appears; here its creation wakes the controller.
func (b *endpointBuilder) groupByPorts(pods []*corev1.Pod) []*portGroup {
	var groups []*portGroup
	byNumbers := map[string]*portGroup{}
	for _, pod := range pods {
		if !belongsInEndpoints(pod) {
			continue
		}
		numbers := b.portNumbers(pod)
		group := byNumbers[numbers]
		if group == nil {
			group = &portGroup{ports: endpointPorts(b.svc, pod), byID: make(map[endpointID]int, len(pods))}
			group.endpoints = make([]wantedEndpoint, 0, len(pods))
			byNumbers[numbers] = group
			groups = append(groups, group)
		}
		node := b.node(pod.Spec.NodeName)
		if !node.exists && !b.svc.Spec.PublishNotReadyAddresses {
			b.skipped = append(b.skipped, fmt.Errorf("skipping Pod %s for Service %s/%s: Node %s Not Found",
				pod.Name, b.svc.Namespace, b.svc.Name, pod.Spec.NodeName))
			continue
		}
		if e := b.endpoint(pod, node); len(e.Addresses) > 0 {
			group.byID[idOf(&e)] = len(group.endpoints)
			group.endpoints = append(group.endpoints, wantedEndpoint{Endpoint: e, pod: pod})
		}
	}
	return groups
}

// portNumbers tells Pods apart whose named ports have other numbers.
func (b *endpointBuilder) portNumbers(pod *corev1.Pod) string {
	var numbers []byte
	for i := range b.svc.Spec.Ports {
		port := &b.svc.Spec.Ports[i]
		if port.TargetPort.Type == intstr.Int {
			continue // the same for every Pod
		}
		if number, ok := findPort(pod, port); ok {
			numbers = strconv.AppendInt(numbers, int64(number), 10)
		}
		numbers = append(numbers, ',')
	}
	return string(numbers)
}

func (b *endpointBuilder) node(name string) nodeFacts {
	if facts, ok := b.nodes[name]; ok {
		return facts
	}
	var facts nodeFacts
	if name != "" {
		facts.name = ptr.To(name)
	}
	if node, ok := reconcile.Nodes.Get(b.view, reconcile.Key{Name: name}); ok {
		facts.exists = true
		if zone := node.Labels[corev1.LabelTopologyZone]; zone != "" {
			facts.zone = ptr.To(zone)
		}
	}
	b.nodes[name] = facts
	return facts
}

func (b *endpointBuilder) endpoint(pod *corev1.Pod, node nodeFacts) discoveryv1.Endpoint {
	serving, terminating := isPodReady(pod), pod.DeletionTimestamp != nil
	ready := b.svc.Spec.PublishNotReadyAddresses || serving && !terminating
	e := discoveryv1.Endpoint{
		Conditions: discoveryv1.EndpointConditions{
			Ready: b.boolean(ready), Serving: b.boolean(serving), Terminating: b.boolean(terminating),
		},
		TargetRef: targetOf(pod),
		NodeName:  node.name,
		Zone:      node.zone,
	}
	for _, ip := range pod.Status.PodIPs {
		if isIPv6(ip.IP) == (b.family == discoveryv1.AddressTypeIPv6) {
			e.Addresses = append(e.Addresses, ip.IP)
		}
	}
	if hasOwnHostname(pod, b.svc) {
		e.Hostname = ptr.To(pod.Spec.Hostname)
	}
	if ready {
		e.Hints = hints(b.svc, node)
	}
	return e
}

// boolean shares two bools among all endpoints of a turn.
func (b *endpointBuilder) boolean(x bool) *bool {
	if x {
		return b.yes
	}
	return b.no
}

// hints says where the traffic for a ready endpoint should come from, for a
// Service with a trafficDistribution (k8s.io/endpointslice/trafficdist).
func hints(svc *corev1.Service, node nodeFacts) *discoveryv1.EndpointHints {
	var h discoveryv1.EndpointHints
	switch distribution := ptr.Deref(svc.Spec.TrafficDistribution, ""); distribution {
	case corev1.ServiceTrafficDistributionPreferClose, corev1.ServiceTrafficDistributionPreferSameZone, corev1.ServiceTrafficDistributionPreferSameNode:
		if node.zone != nil {
			h.ForZones = []discoveryv1.ForZone{{Name: *node.zone}}
		}
		if node.name != nil && distribution == corev1.ServiceTrafficDistributionPreferSameNode {
			h.ForNodes = []discoveryv1.ForNode{{Name: *node.name}}
		}
	}
	if h.ForZones == nil && h.ForNodes == nil {
		return nil
	}
	return &h
}

// endpointPorts are the Service's ports as a Pod serves them.
func endpointPorts(svc *corev1.Service, pod *corev1.Pod) []discoveryv1.EndpointPort {
	ports := []discoveryv1.EndpointPort{}
	for i := range svc.Spec.Ports {
		port := &svc.Spec.Ports[i]
		if number, ok := findPort(pod, port); ok {
			ports = append(ports, discoveryv1.EndpointPort{
				Name: ptr.To(port.Name), Port: ptr.To(number), Protocol: ptr.To(port.Protocol), AppProtocol: port.AppProtocol,
			})
		}
	}
	return sortedByHash(ports)
}

// portsKey is the same for lists of the same ports.
func portsKey(ports []discoveryv1.EndpointPort) string { return dump.ForHash(sortedByHash(ports)) }

// sameEndpoint compares two endpoints of the same ID.
func sameEndpoint(a, b *discoveryv1.Endpoint) bool {
	return ptr.Equal(a.NodeName, b.NodeName) && ptr.Equal(a.Zone, b.Zone) &&
		ptr.Equal(a.Conditions.Ready, b.Conditions.Ready) &&
		ptr.Equal(a.Conditions.Serving, b.Conditions.Serving) &&
		ptr.Equal(a.Conditions.Terminating, b.Conditions.Terminating) &&
		sameTarget(a.TargetRef, b.TargetRef) && sameHints(a.Hints, b.Hints)
}

func sameHints(a, b *discoveryv1.EndpointHints) bool {
	if a == nil || b == nil {
		return a == b
	}
	return slices.Equal(a.ForZones, b.ForZones) && slices.Equal(a.ForNodes, b.ForNodes)
}

func countEndpoints(groups []*portGroup) int {
	n := 0
	for _, g := range groups {
		n += len(g.endpoints)
	}
	return n
}
