package controllers

import (
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"

	"github.com/minik8s/minik8s/reconcile"
)

const (
	// endpointSliceManager marks the slices that the controller writes.
	endpointSliceManager = "endpointslice-controller.k8s.io"
	// maxEndpointsPerSlice is kube-controller-manager's default.
	maxEndpointsPerSlice = 100
)

// EndpointSlice is the endpoint slice controller: for each Service with a
// selector, EndpointSlices of at most 100 endpoints each list its Pods and
// whether they are ready, serving and terminating. A change of a few Pods is
// written to as few slices as possible.
//
// Upstream: pkg/controller/endpointslice, which waits for 1s after a slice was changed by someone else, and batches changes of Pods if asked to; here the tick is the batch.
// Upstream: k8s.io/endpointslice/topologycache, left out: the annotation service.kubernetes.io/topology-mode has no effect, trafficDistribution has.
func EndpointSlice() reconcile.Component {
	return reconcile.Component{
		Name: "endpointslice-controller",
		User: "system:serviceaccount:kube-system:endpointslice-controller",
		For:  reconcile.Services.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.Services.GroupResource),
			podsOfServices(),
			reconcile.Mapped(reconcile.EndpointSlices.GroupResource, serviceOfSlice),
			reconcile.Mapped(reconcile.Nodes.GroupResource, servicesOnNode).If(nodeZoneChanged),
		},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return syncEndpointSlices(v, req), nil
		},
	}
}

// serviceOfSlice is the key of the Service that a managed slice belongs to.
func serviceOfSlice(_ reconcile.View, o reconcile.Object) []reconcile.Key {
	set := o.GetLabels()
	if set[discoveryv1.LabelManagedBy] != endpointSliceManager || set[discoveryv1.LabelServiceName] == "" {
		return nil
	}
	return []reconcile.Key{{Namespace: o.GetNamespace(), Name: set[discoveryv1.LabelServiceName]}}
}

// servicesOnNode are the Services with a Pod on a node.
func servicesOnNode(v reconcile.View, node reconcile.Object) []reconcile.Key {
	var keys []reconcile.Key
	for _, pod := range reconcile.Pods.List(v, reconcile.OnNode(node.GetName())) {
		keys = append(keys, servicesOfPod(v, pod)...)
	}
	return keys
}

// nodeZoneChanged holds for the changes of a Node that endpoints show.
//
// Upstream: pkg/controller/endpointslice (updateNode), where a new zone reaches the endpoints only with the next change of their Pod or Service.
func nodeZoneChanged(before, after reconcile.Object) bool {
	return before == nil || after == nil ||
		before.GetLabels()[corev1.LabelTopologyZone] != after.GetLabels()[corev1.LabelTopologyZone]
}

func syncEndpointSlices(v reconcile.View, req reconcile.Request) reconcile.Plan {
	var plan reconcile.Plan
	svc, ok := reconcile.Services.Get(v, req.Key)
	if !ok || !hasEndpoints(svc) {
		return plan // its slices have an owner reference: the garbage collector takes them
	}
	if isWorthReporting(req.LastErr) {
		reportSlicesError(&plan, svc, req.LastErr)
	}
	pods := selectedPods(v, svc)
	managed := managedSlices(v, svc)
	families := addressTypes(svc)
	w := newSliceWriter(v, svc, managed, req.Attempt)
	var skipped []error
	for _, family := range families {
		b := newEndpointBuilder(v, svc, family)
		groups := b.groupByPorts(pods)
		skipped = append(skipped, b.skipped...)

		existing := slicesOf(managed, family)
		plan.Observe("pods with an %s address: %d of %d; slices: %d", family, countEndpoints(groups), len(pods), len(existing))
		w.write(&plan, planSlices(svc, family, groups, existing))
	}
	w.deleteOtherFamilies(&plan, managed, families)
	if err := utilerrors.NewAggregate(skipped); err != nil {
		reportSlicesError(&plan, svc, err)
	}
	return plan
}

// managedSlices are the Service's slices, but for those being deleted.
func managedSlices(v reconcile.View, svc *corev1.Service) []*discoveryv1.EndpointSlice {
	selector := labels.SelectorFromSet(labels.Set{
		discoveryv1.LabelServiceName: svc.Name,
		discoveryv1.LabelManagedBy:   endpointSliceManager,
	})
	var found []*discoveryv1.EndpointSlice
	for _, s := range reconcile.EndpointSlices.List(v, reconcile.InNamespace(svc.Namespace), reconcile.Matching(selector)) {
		if s.DeletionTimestamp == nil {
			found = append(found, s)
		}
	}
	return found
}

func slicesOf(managed []*discoveryv1.EndpointSlice, family discoveryv1.AddressType) []*discoveryv1.EndpointSlice {
	var found []*discoveryv1.EndpointSlice
	for _, s := range managed {
		if s.AddressType == family {
			found = append(found, s)
		}
	}
	return found
}

// addressTypes are the IP families that a Service wants endpoints of.
//
// Upstream: k8s.io/endpointslice (getAddressTypesForService), where a headless Service that states no family gets both.
func addressTypes(svc *corev1.Service) []discoveryv1.AddressType {
	var families []discoveryv1.AddressType
	for _, family := range svc.Spec.IPFamilies {
		families = append(families, discoveryv1.AddressType(family))
	}
	switch {
	case len(families) > 0:
		return families
	case isIPv6(svc.Spec.ClusterIP):
		return []discoveryv1.AddressType{discoveryv1.AddressTypeIPv6}
	}
	return []discoveryv1.AddressType{discoveryv1.AddressTypeIPv4}
}

func reportSlicesError(plan *reconcile.Plan, svc *corev1.Service, err error) {
	plan.Event(svc, corev1.EventTypeWarning, "FailedToUpdateEndpointSlices",
		"Error updating Endpoint Slices for Service %s/%s: %v", svc.Namespace, svc.Name, apiError(err))
}
