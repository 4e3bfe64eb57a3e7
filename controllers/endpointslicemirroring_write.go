package controllers

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// mirrorWriter makes the slices of some Endpoints.
type mirrorWriter struct {
	view      reconcile.View
	endpoints *corev1.Endpoints
	names     sliceNames
}

// plan compares the groups that are to be mirrored with the slices that exist.
// There is one slice for each group; one that is to go is used for a new one.
func (w *mirrorWriter) plan(groups []*mirrorGroup, existing []*discoveryv1.EndpointSlice) slicePlan {
	var p slicePlan
	rest := slices.Clone(existing)
	take := func(fits func(s *discoveryv1.EndpointSlice) bool) *discoveryv1.EndpointSlice {
		at := slices.IndexFunc(rest, fits)
		if at < 0 {
			return nil
		}
		found := rest[at]
		rest = slices.Delete(rest, at, at+1)
		return found
	}
	for _, g := range groups {
		d := &draft{family: g.family, ports: g.ports, endpoints: g.endpoints}
		d.existing = take(func(s *discoveryv1.EndpointSlice) bool {
			return s.AddressType == g.family && portsKey(s.Ports) == portsKey(g.ports)
		})
		switch {
		case d.existing == nil:
			p.create = append(p.create, d)
		case !w.isUpToDate(d):
			p.update = append(p.update, d)
		}
	}
	p.create = slices.DeleteFunc(p.create, func(d *draft) bool {
		d.existing = take(func(s *discoveryv1.EndpointSlice) bool { return s.AddressType == d.family })
		if d.existing != nil {
			p.update = append(p.update, d)
		}
		return d.existing != nil
	})
	p.remove = rest
	return p
}

// isUpToDate says whether a slice that exists is as it should be. The order of
// its endpoints means nothing.
func (w *mirrorWriter) isUpToDate(d *draft) bool {
	s := d.existing
	if len(s.Endpoints) != len(d.endpoints) || !maps.Equal(s.Labels, mirrorLabels(w.endpoints)) ||
		!maps.Equal(s.Annotations, mirrorAnnotations(w.endpoints)) || !metav1.IsControlledBy(s, w.endpoints) {
		return false
	}
	byID := make(map[endpointID]*discoveryv1.Endpoint, len(s.Endpoints))
	for i := range s.Endpoints {
		byID[idOf(&s.Endpoints[i])] = &s.Endpoints[i]
	}
	for i := range d.endpoints {
		was := byID[idOf(&d.endpoints[i])]
		if was == nil || !sameEndpoint(was, &d.endpoints[i]) {
			return false
		}
	}
	return true
}

func (w *mirrorWriter) write(plan *reconcile.Plan, p slicePlan) {
	if w.endpoints.DeletionTimestamp == nil && !refusesNewObjects(w.view, w.endpoints.Namespace) {
		for _, d := range p.create {
			plan.Create(w.slice(d), describeEndpoints(d))
		}
	}
	for _, d := range p.update {
		plan.Update(w.slice(d), describeEndpoints(d))
	}
	for _, s := range p.remove {
		plan.Delete(s, "none of its endpoints is left")
	}
}

// slice is the object for a draft: an existing one changed, or a new one.
func (w *mirrorWriter) slice(d *draft) *discoveryv1.EndpointSlice {
	s := &discoveryv1.EndpointSlice{AddressType: d.family, Ports: d.ports, Endpoints: d.endpoints}
	if d.existing != nil {
		s.TypeMeta, s.ObjectMeta = d.existing.TypeMeta, *d.existing.ObjectMeta.DeepCopy()
	} else {
		s.Namespace, s.GenerateName, s.Name = w.endpoints.Namespace, w.endpoints.Name+"-", w.names.next(w.view, w.endpoints)
	}
	s.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(w.endpoints, corev1.SchemeGroupVersion.WithKind("Endpoints"))}
	s.Labels, s.Annotations = mirrorLabels(w.endpoints), mirrorAnnotations(w.endpoints)
	return s
}
