package controllers

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/minik8s/minik8s/reconcile"
)

const (
	// endpointSliceMirror marks the slices that the controller writes.
	endpointSliceMirror = "endpointslicemirroring-controller.k8s.io"
	// maxMirroredPerSubset is kube-controller-manager's default.
	maxMirroredPerSubset = 1000
	// leaderAnnotation is on Endpoints that old leader elections keep their
	// record in.
	leaderAnnotation = "control-plane.alpha.kubernetes.io/leader"
)

// EndpointSliceMirroring is the endpoint slice mirroring controller: Endpoints
// that somebody has written for a Service without a selector are copied to
// EndpointSlices, which is what kube-proxy reads.
//
// Upstream: pkg/controller/endpointslicemirroring, without keeping count of its own writes: the engine holds Endpoints back until the controller's view has reached what it wrote last.
func EndpointSliceMirroring() reconcile.Component {
	return reconcile.Component{
		Name: "endpointslice-mirroring-controller",
		User: "system:serviceaccount:kube-system:endpointslicemirroring-controller",
		For:  reconcile.Endpoints.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Mapped(reconcile.Endpoints.GroupResource, endpointsWithoutSelector).If(eitherIsMirrored),
			reconcile.Mapped(reconcile.Services.GroupResource, sameKey).If(selectorComesOrGoes),
			reconcile.Mapped(reconcile.EndpointSlices.GroupResource, endpointsOfSlice),
		},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return mirrorEndpoints(v, req), nil
		},
	}
}

// endpointsWithoutSelector is the key of Endpoints, unless their Service has a
// selector and so is none of this controller's business.
//
// Upstream: pkg/controller/endpointslicemirroring (onEndpointsUpdate), which is woken by them too, and finds nothing to do.
func endpointsWithoutSelector(v reconcile.View, o reconcile.Object) []reconcile.Key {
	if svc, ok := reconcile.Services.Get(v, reconcile.KeyOf(o)); ok && len(svc.Spec.Selector) > 0 {
		return nil
	}
	return sameKey(v, o)
}

func sameKey(_ reconcile.View, o reconcile.Object) []reconcile.Key {
	return []reconcile.Key{reconcile.KeyOf(o)}
}

// endpointsOfSlice is the key of the Endpoints that a slice mirrors.
func endpointsOfSlice(_ reconcile.View, o reconcile.Object) []reconcile.Key {
	set := o.GetLabels()
	if set[discoveryv1.LabelManagedBy] != endpointSliceMirror || set[discoveryv1.LabelServiceName] == "" {
		return nil
	}
	return []reconcile.Key{{Namespace: o.GetNamespace(), Name: set[discoveryv1.LabelServiceName]}}
}

func eitherIsMirrored(before, after reconcile.Object) bool {
	return before != nil && isMirrored(before) || after != nil && isMirrored(after)
}

// isMirrored holds for Endpoints, unless they ask not to be, or are not about
// endpoints at all.
func isMirrored(endpoints reconcile.Object) bool {
	_, electsLeader := endpoints.GetAnnotations()[leaderAnnotation]
	return !electsLeader && endpoints.GetLabels()[discoveryv1.LabelSkipMirror] != "true"
}

// selectorComesOrGoes holds when a Service without a selector comes or goes,
// or a Service begins or ceases to have one.
func selectorComesOrGoes(before, after reconcile.Object) bool {
	had := before != nil && len(before.(*corev1.Service).Spec.Selector) == 0
	has := after != nil && len(after.(*corev1.Service).Spec.Selector) == 0
	return had != has
}

func mirrorEndpoints(v reconcile.View, req reconcile.Request) reconcile.Plan {
	var plan reconcile.Plan
	existing := mirroredSlices(v, req.Key)
	endpoints, ok := reconcile.Endpoints.Get(v, req.Key)
	svc, hasService := reconcile.Services.Get(v, req.Key)
	if !ok || !isMirrored(endpoints) || !hasService || len(svc.Spec.Selector) > 0 {
		for _, s := range existing {
			plan.Delete(s, "it mirrors endpoints that are not to be mirrored any more")
		}
		return plan
	}
	groups, tooMany := mirrorGroups(endpoints.Subsets)
	if tooMany > 0 {
		plan.Event(endpoints, corev1.EventTypeWarning, "TooManyAddressesToMirror",
			"A max of %d addresses can be mirrored to EndpointSlices per Endpoints subset. %d addresses were skipped", maxMirroredPerSubset, tooMany)
	}
	plan.Observe("lists of ports: %d; slices: %d", len(groups), len(existing))
	w := mirrorWriter{view: v, endpoints: endpoints, names: sliceNames{attempt: req.Attempt}}
	w.write(&plan, w.plan(groups, existing))
	return plan
}

// mirroredSlices are the slices that mirror the Endpoints of that name.
func mirroredSlices(v reconcile.View, key reconcile.Key) []*discoveryv1.EndpointSlice {
	return reconcile.EndpointSlices.List(v, reconcile.InNamespace(key.Namespace), reconcile.Matching(labels.SelectorFromSet(labels.Set{
		discoveryv1.LabelServiceName: key.Name,
		discoveryv1.LabelManagedBy:   endpointSliceMirror,
	})))
}

// mirrorLabels are the labels of slices that mirror the Endpoints.
func mirrorLabels(endpoints *corev1.Endpoints) map[string]string {
	set := make(map[string]string, len(endpoints.Labels)+2)
	maps.Copy(set, endpoints.Labels)
	set[discoveryv1.LabelServiceName] = endpoints.Name
	set[discoveryv1.LabelManagedBy] = endpointSliceMirror
	return set
}

// mirrorAnnotations are the annotations of slices that mirror the Endpoints:
// those that say something about the endpoints.
func mirrorAnnotations(endpoints *corev1.Endpoints) map[string]string {
	set := maps.Clone(endpoints.Annotations)
	delete(set, corev1.EndpointsLastChangeTriggerTime)
	delete(set, corev1.LastAppliedConfigAnnotation)
	return set
}
