package controllers

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// sliceWriter turns what has to be done about a Service's slices into calls.
type sliceWriter struct {
	view  reconcile.View
	svc   *corev1.Service
	names sliceNames
	isNew bool // the Service has no slices yet
}

func newSliceWriter(v reconcile.View, svc *corev1.Service, managed []*discoveryv1.EndpointSlice, attempt int) *sliceWriter {
	return &sliceWriter{view: v, svc: svc, names: sliceNames{attempt: attempt}, isNew: len(managed) == 0}
}

func (w *sliceWriter) write(plan *reconcile.Plan, p slicePlan) {
	trigger := triggerTime(p.changed)
	if w.isNew {
		trigger = createdTrigger(w.svc)
	}
	// A Service that is going must not get new slices while the garbage
	// collector takes the old ones.
	if w.svc.DeletionTimestamp == nil && !refusesNewObjects(w.view, w.svc.Namespace) {
		for _, d := range p.create {
			s := w.slice(d)
			s.Annotations = annotate(s.Annotations, corev1.EndpointsLastChangeTriggerTime, trigger)
			plan.Create(s, describeEndpoints(d))
		}
	}
	for _, d := range p.update {
		s := w.slice(d)
		s.Annotations = annotate(s.Annotations, corev1.EndpointsLastChangeTriggerTime, trigger)
		plan.Update(s, describeEndpoints(d))
	}
	for _, s := range p.remove {
		if isOwnedBy(s, w.svc) {
			plan.Delete(s, "none of its endpoints is left")
		} else {
			plan.Delete(s, "it belongs to an earlier service of this name")
		}
	}
}

// deleteOtherFamilies removes the slices of a family that the Service no
// longer has.
func (w *sliceWriter) deleteOtherFamilies(plan *reconcile.Plan, managed []*discoveryv1.EndpointSlice, families []discoveryv1.AddressType) {
	for _, s := range managed {
		if !slices.Contains(families, s.AddressType) {
			plan.Delete(s, "the service has no %s addresses", s.AddressType)
		}
	}
}

func describeEndpoints(d *draft) string {
	ready := 0
	for i := range d.endpoints {
		if *d.endpoints[i].Conditions.Ready {
			ready++
		}
	}
	return fmt.Sprintf("endpoints: %d, ready: %d", len(d.endpoints), ready)
}

// slice is the object for a draft: an existing one changed, or a new one.
func (w *sliceWriter) slice(d *draft) *discoveryv1.EndpointSlice {
	s := &discoveryv1.EndpointSlice{AddressType: d.family, Ports: d.ports, Endpoints: d.endpoints}
	if s.Endpoints == nil {
		s.Endpoints = []discoveryv1.Endpoint{}
	}
	if d.existing != nil {
		s.TypeMeta, s.ObjectMeta = d.existing.TypeMeta, *d.existing.ObjectMeta.DeepCopy()
	} else {
		s.Namespace, s.GenerateName, s.Name = w.svc.Namespace, w.svc.Name+"-", w.names.next(w.view, w.svc)
		s.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(w.svc, corev1.SchemeGroupVersion.WithKind("Service"))}
	}
	s.Labels = sliceLabels(w.svc)
	return s
}

// sliceNames makes up the names of the slices that a turn creates.
type sliceNames struct {
	attempt int // another one tries other names
	created int // slices in this turn
}

// next is a name for a new slice. It looks random, but follows from the owner,
// so that a run can be repeated.
//
// Upstream: apiserver/pkg/storage/names (SimpleNameGenerator), moved from the API server to the controller.
func (n *sliceNames) next(v reconcile.View, owner reconcile.Object) string {
	seed := fmt.Sprintf("/%s/%s/%d", owner.GetUID(), v.Now(), n.attempt)
	for {
		name := owner.GetName() + "-" + safeSuffix(n.created, seed)
		n.created++
		if _, taken := reconcile.EndpointSlices.Get(v, reconcile.Key{Namespace: owner.GetNamespace(), Name: name}); !taken {
			return name
		}
	}
}

// sliceLabels are the labels of a Service's slices: its own, but for the
// three that are the controller's.
func sliceLabels(svc *corev1.Service) map[string]string {
	set := make(map[string]string, len(svc.Labels)+3)
	maps.Copy(set, svc.Labels)
	delete(set, corev1.IsHeadlessService)
	if isHeadless(svc) {
		set[corev1.IsHeadlessService] = ""
	}
	set[discoveryv1.LabelServiceName] = svc.Name
	set[discoveryv1.LabelManagedBy] = endpointSliceManager
	return set
}
