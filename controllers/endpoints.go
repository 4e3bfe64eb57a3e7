package controllers

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/reconcile"
)

const (
	// labelEndpointsManagedBy and its value mark the Endpoints that the controller writes.
	labelEndpointsManagedBy = "endpoints.kubernetes.io/managed-by"
	endpointsManager        = "endpoint-controller"
)

// Endpoints is the endpoints controller: for each Service with a selector, an
// Endpoints object of the same name lists the addresses of its Pods, those
// that are ready apart from those that are not.
//
// Upstream: pkg/controller/endpoint (checkLeftoverEndpoints), which at start-up deletes all Endpoints that have lost their Service; here only those that the controller itself has written.
func Endpoints() reconcile.Component {
	return reconcile.Component{
		Name: "endpoints-controller",
		User: "system:serviceaccount:kube-system:endpoint-controller",
		For:  reconcile.Services.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.Services.GroupResource),
			podsOfServices(),
			reconcile.Self(reconcile.Endpoints.GroupResource).If(endpointsMayBeLeftOver),
		},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return syncEndpoints(v, req), nil
		},
	}
}

// endpointsMayBeLeftOver holds for Endpoints that are gone, and for those that
// a restarted controller finds and has written itself: their Service may have
// gone in the meantime. What is created without that label belongs to a user,
// who may mean to create the Service later.
func endpointsMayBeLeftOver(before, after reconcile.Object) bool {
	return after == nil || before == nil && after.GetLabels()[labelEndpointsManagedBy] == endpointsManager
}

func syncEndpoints(v reconcile.View, req reconcile.Request) reconcile.Plan {
	var plan reconcile.Plan
	svc, ok := reconcile.Services.Get(v, req.Key)
	current, exists := reconcile.Endpoints.Get(v, req.Key)
	switch {
	case !ok && exists:
		plan.Delete(current, "its service is gone")
		return plan
	case !ok || !hasEndpoints(svc):
		return plan
	}
	addresses := addressesOf(svc, selectedPods(v, svc))
	ready := countReady(addresses)
	plan.Observe("pods with an address: %d, ready: %d", len(addresses), ready)
	desired := desiredEndpoints(svc, current, addresses)

	if isWorthReporting(req.LastErr) {
		reportEndpointsError(&plan, svc, desired, exists, req.LastErr)
	}
	switch {
	case !exists && refusesNewObjects(v, svc.Namespace):
		plan.Observe("nothing can be created in a namespace that is being deleted")
	case !exists:
		setTriggerTime(desired, createdTrigger(svc))
		plan.Create(desired, "the service has no endpoints yet")
	case !sameEndpoints(current, desired):
		setTriggerTime(desired, triggerTime(changedPods(current, addresses)))
		plan.Update(desired, "addresses ready: %d, not ready: %d", ready, len(addresses)-ready)
	}
	return plan
}

func countReady(addresses []readyAddress) int {
	n := 0
	for _, a := range addresses {
		if a.ready {
			n++
		}
	}
	return n
}

// desiredEndpoints is what the Endpoints should be, but for the trigger time.
// current may be nil.
func desiredEndpoints(svc *corev1.Service, current *corev1.Endpoints, addresses []readyAddress) *corev1.Endpoints {
	desired := &corev1.Endpoints{ObjectMeta: metav1.ObjectMeta{Namespace: svc.Namespace, Name: svc.Name}}
	if current != nil {
		// The subsets are replaced as a whole: no need to copy the old ones.
		desired.TypeMeta, desired.ObjectMeta = current.TypeMeta, *current.ObjectMeta.DeepCopy()
	}
	desired.Labels = maps.Clone(svc.Labels)
	metav1.SetMetaDataLabel(&desired.ObjectMeta, labelEndpointsManagedBy, endpointsManager)
	delete(desired.Labels, corev1.IsHeadlessService)
	if isHeadless(svc) {
		desired.Labels[corev1.IsHeadlessService] = ""
	}
	desired.Subsets = packSubsets(svc, addresses)
	overCapacity := ""
	if truncateSubsets(desired.Subsets) {
		overCapacity = "truncated"
	}
	desired.Annotations = annotate(desired.Annotations, corev1.EndpointsOverCapacity, overCapacity)
	return desired
}

func setTriggerTime(e *corev1.Endpoints, at string) {
	e.Annotations = annotate(e.Annotations, corev1.EndpointsLastChangeTriggerTime, at)
}

func sameEndpoints(a, b *corev1.Endpoints) bool {
	return sameSubsets(a.Subsets, b.Subsets) && maps.Equal(a.Labels, b.Labels) &&
		a.Annotations[corev1.EndpointsOverCapacity] == b.Annotations[corev1.EndpointsOverCapacity]
}

// changedPods are the Pods that are new in the Endpoints or listed there with
// the other readiness.
func changedPods(current *corev1.Endpoints, addresses []readyAddress) []*corev1.Pod {
	listed := map[types.UID]bool{}
	for _, subset := range current.Subsets {
		for _, a := range subset.Addresses {
			if a.TargetRef != nil {
				listed[a.TargetRef.UID] = true
			}
		}
		for _, a := range subset.NotReadyAddresses {
			if a.TargetRef != nil {
				listed[a.TargetRef.UID] = false
			}
		}
	}
	var changed []*corev1.Pod
	for _, a := range addresses {
		if ready, ok := listed[a.pod.UID]; !ok || ready != a.ready {
			changed = append(changed, a.pod)
		}
	}
	return changed
}

// reportEndpointsError records why the last write was refused.
func reportEndpointsError(plan *reconcile.Plan, svc *corev1.Service, e *corev1.Endpoints, exists bool, err error) {
	if exists {
		plan.Event(e, corev1.EventTypeWarning, "FailedToUpdateEndpoint",
			"Failed to update endpoint %s/%s: %v", svc.Namespace, svc.Name, apiError(err))
		return
	}
	plan.Event(e, corev1.EventTypeWarning, "FailedToCreateEndpoint",
		"Failed to create endpoint for service %s/%s: %v", svc.Namespace, svc.Name, apiError(err))
}

// isWorthReporting leaves out what the next attempt mends, and what every
// write into a namespace meets that is being deleted.
func isWorthReporting(err error) bool {
	return err != nil && !apierrors.IsConflict(err) && !namespaceTerminating(err)
}
