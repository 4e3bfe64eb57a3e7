package controllers

import (
	"cmp"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// draft is one slice as it should be.
type draft struct {
	existing  *discoveryv1.EndpointSlice // nil for a new slice
	family    discoveryv1.AddressType
	ports     []discoveryv1.EndpointPort
	endpoints []discoveryv1.Endpoint
	changed   bool
}

func (d *draft) room() int { return maxEndpointsPerSlice - len(d.endpoints) }

// fill moves endpoints from rest into the slice until it is full.
func (d *draft) fill(rest []discoveryv1.Endpoint) []discoveryv1.Endpoint {
	n := max(0, min(d.room(), len(rest)))
	d.endpoints = append(d.endpoints, rest[:n]...)
	d.changed = d.changed || n > 0
	return rest[n:]
}

// slicePlan is what has to be done about a Service's slices of one family.
type slicePlan struct {
	create, update []*draft
	remove         []*discoveryv1.EndpointSlice
	// changed are the Pods that are new in the slices, or whose endpoint has
	// begun or ceased to serve.
	changed []*corev1.Pod
}

// planSlices compares the endpoints that are wanted with the slices that exist.
func planSlices(svc *corev1.Service, family discoveryv1.AddressType, groups []*portGroup, existing []*discoveryv1.EndpointSlice) slicePlan {
	var p slicePlan
	byPorts := map[string][]*discoveryv1.EndpointSlice{}
	var portLists []string // the keys of byPorts, in the order of the slices
	for _, s := range existing {
		if !isOwnedBy(s, svc) {
			p.remove = append(p.remove, s)
			continue
		}
		key := portsKey(s.Ports)
		if byPorts[key] == nil {
			portLists = append(portLists, key)
		}
		byPorts[key] = append(byPorts[key], s)
	}
	for _, g := range groups {
		key := portsKey(g.ports)
		p.place(svc, family, g, byPorts[key])
		delete(byPorts, key)
	}
	for _, key := range portLists {
		p.remove = append(p.remove, byPorts[key]...) // nobody serves these ports any more
	}
	p.keepPlaceholder(svc, family, existing)
	p.recycle(svc)
	return p
}

// place finds a slice for each endpoint of a group: first the one that it is
// in already, then those that are written anyway, the fullest first, and only
// then a slice that would otherwise stay as it is, or a new one. These are the
// steps of upstream's reconcileByPortMapping, but it takes endpoints in no
// particular order.
func (p *slicePlan) place(svc *corev1.Service, family discoveryv1.AddressType, g *portGroup, existing []*discoveryv1.EndpointSlice) {
	var kept []*draft
	for _, s := range existing {
		if d := p.keepWanted(svc, g, s); d != nil {
			kept = append(kept, d)
		}
	}
	rest := p.unplaced(g)
	written := slices.DeleteFunc(slices.Clone(kept), func(d *draft) bool { return !d.changed })
	slices.SortStableFunc(written, func(a, b *draft) int { return cmp.Compare(a.room(), b.room()) })
	for _, d := range written {
		rest = d.fill(rest)
	}
	for len(rest) > 0 {
		d := bestFit(kept, len(rest))
		if d == nil {
			d = &draft{family: family, ports: g.ports}
			p.create = append(p.create, d)
		}
		rest = d.fill(rest)
	}
	for _, d := range kept {
		if d.changed {
			p.update = append(p.update, d)
		}
	}
}

// keepWanted is an existing slice without the endpoints that are no longer
// wanted, and with the others as they should be. It is nil, and the slice is
// to be removed, if it has lost them all.
func (p *slicePlan) keepWanted(svc *corev1.Service, g *portGroup, s *discoveryv1.EndpointSlice) *draft {
	d := &draft{
		existing: s, family: s.AddressType, ports: g.ports,
		endpoints: make([]discoveryv1.Endpoint, 0, len(s.Endpoints)),
		changed:   !maps.Equal(s.Labels, sliceLabels(svc)),
	}
	for i := range s.Endpoints {
		was := &s.Endpoints[i]
		at, ok := g.byID[idOf(was)]
		if !ok || g.endpoints[at].placed {
			d.changed = true
			continue
		}
		is := &g.endpoints[at]
		is.placed = true
		d.endpoints = append(d.endpoints, is.Endpoint)
		if !sameEndpoint(was, &is.Endpoint) {
			d.changed = true
			if was.Conditions.Serving == nil || *was.Conditions.Serving != *is.Conditions.Serving {
				p.changed = append(p.changed, is.pod)
			}
		}
	}
	if len(s.Endpoints) > 0 && len(d.endpoints) == 0 {
		p.remove = append(p.remove, s)
		return nil
	}
	return d
}

// unplaced are the endpoints of a group that are in no slice yet.
func (p *slicePlan) unplaced(g *portGroup) []discoveryv1.Endpoint {
	var rest []discoveryv1.Endpoint
	for i := range g.endpoints {
		if e := &g.endpoints[i]; !e.placed {
			rest = append(rest, e.Endpoint)
			p.changed = append(p.changed, e.pod)
		}
	}
	return rest
}

// bestFit is the unchanged slice that n more endpoints would fill best. It is
// nil if none has room for all of them.
func bestFit(drafts []*draft, n int) *draft {
	var best *draft
	for _, d := range drafts {
		if !d.changed && d.room() >= n && n < maxEndpointsPerSlice && (best == nil || d.room() < best.room()) {
			best = d
		}
	}
	return best
}

// keepPlaceholder makes sure that a Service without endpoints has one empty
// slice, so that it can be told from one that nobody has looked at.
func (p *slicePlan) keepPlaceholder(svc *corev1.Service, family discoveryv1.AddressType, existing []*discoveryv1.EndpointSlice) {
	if len(existing) != len(p.remove) || len(p.create) > 0 {
		return
	}
	if len(p.remove) == 1 && isPlaceholder(svc, p.remove[0]) {
		p.remove = nil
		return
	}
	p.create = append(p.create, &draft{family: family, ports: []discoveryv1.EndpointPort{}})
}

func isPlaceholder(svc *corev1.Service, s *discoveryv1.EndpointSlice) bool {
	return isOwnedBy(s, svc) && len(s.Ports) == 0 && len(s.Endpoints) == 0 && maps.Equal(s.Labels, sliceLabels(svc))
}

// recycle turns a creation and a removal into one update.
func (p *slicePlan) recycle(svc *corev1.Service) {
	p.remove = slices.DeleteFunc(p.remove, func(s *discoveryv1.EndpointSlice) bool {
		last := len(p.create) - 1
		if last < 0 || !isOwnedBy(s, svc) {
			return false
		}
		p.create[last].existing = s
		p.update = append(p.update, p.create[last])
		p.create = p.create[:last]
		return true
	})
}

func isOwnedBy(s *discoveryv1.EndpointSlice, svc *corev1.Service) bool {
	return slices.ContainsFunc(s.OwnerReferences, func(ref metav1.OwnerReference) bool {
		return ref.UID == svc.UID && ref.Kind == "Service" && ref.APIVersion == "v1"
	})
}
