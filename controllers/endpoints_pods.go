package controllers

import (
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/minik8s/minik8s/reconcile"
)

// Endpoints and EndpointSlices are two ways of writing down the same thing:
// which Pods stand behind a Service. What both controllers need for that is
// here and in endpoints_ports.go.

// hasEndpoints says whether the controllers keep endpoints for a Service. A
// Service without selector gets its endpoints from someone else, and one of
// type ExternalName has none.
func hasEndpoints(svc *corev1.Service) bool {
	return svc.Spec.Type != corev1.ServiceTypeExternalName && svc.Spec.Selector != nil
}

// selectsPod says whether a Service's selector matches a Pod. An empty
// selector matches every Pod, a missing one matches none.
func selectsPod(svc *corev1.Service, pod *corev1.Pod) bool {
	return svc.Spec.Selector != nil && labels.ValidatedSetSelector(svc.Spec.Selector).Matches(labels.Set(pod.Labels))
}

// selectedPods are the Pods that a Service's selector matches.
func selectedPods(v reconcile.View, svc *corev1.Service) []*corev1.Pod {
	pods := reconcile.Pods.List(v, reconcile.InNamespace(svc.Namespace))
	return slices.DeleteFunc(pods, func(pod *corev1.Pod) bool { return !selectsPod(svc, pod) })
}

// servicesOfPod are the keys of the Services that select a Pod.
func servicesOfPod(v reconcile.View, o reconcile.Object) []reconcile.Key {
	pod := o.(*corev1.Pod)
	var keys []reconcile.Key
	for _, svc := range reconcile.Services.List(v, reconcile.InNamespace(pod.Namespace)) {
		if hasEndpoints(svc) && selectsPod(svc, pod) {
			keys = append(keys, reconcile.KeyOf(svc))
		}
	}
	return keys
}

// podsOfServices wakes a controller for the Services of a Pod whose endpoint may have changed.
func podsOfServices() reconcile.Watch {
	return reconcile.Mapped(reconcile.Pods.GroupResource, servicesOfPod).If(podEndpointChanged)
}

// podEndpointChanged drops the changes of a Pod that no endpoint shows.
//
// Upstream: endpointslice/util (podEndpointsChanged), which does not look at the phase; here a Pod that ends without ever having been ready counts as changed too.
func podEndpointChanged(before, after reconcile.Object) bool {
	if before == nil || after == nil {
		return true
	}
	was, is := before.(*corev1.Pod), after.(*corev1.Pod)
	return (was.DeletionTimestamp == nil) != (is.DeletionTimestamp == nil) ||
		isPodReady(was) != isPodReady(is) ||
		isPodTerminal(was) != isPodTerminal(is) ||
		was.Status.PodIP != is.Status.PodIP ||
		!slices.Equal(was.Status.PodIPs, is.Status.PodIPs) ||
		was.Spec.Hostname != is.Spec.Hostname ||
		was.Spec.Subdomain != is.Spec.Subdomain ||
		!maps.Equal(was.Labels, is.Labels)
}

// belongsInEndpoints says whether a Pod is listed at all: it has an address
// and has not ended.
func belongsInEndpoints(pod *corev1.Pod) bool {
	return !isPodTerminal(pod) && (pod.Status.PodIP != "" || len(pod.Status.PodIPs) > 0)
}

// hasOwnHostname says whether a Pod has a name of its own below the Service's.
func hasOwnHostname(pod *corev1.Pod, svc *corev1.Service) bool {
	return pod.Spec.Hostname != "" && pod.Spec.Subdomain == svc.Name && pod.Namespace == svc.Namespace
}

func isIPv6(ip string) bool { return strings.Contains(ip, ":") }

// targetOf is the reference from an endpoint to the Pod behind it.
func targetOf(pod *corev1.Pod) *corev1.ObjectReference {
	return &corev1.ObjectReference{Kind: "Pod", Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID}
}

// isHeadless says whether a Service has no address of its own.
func isHeadless(svc *corev1.Service) bool {
	return svc.Spec.ClusterIP == corev1.ClusterIPNone || svc.Spec.ClusterIP == ""
}

// triggerTime is the earliest moment at which one of the Pods became ready or
// unready, in the form of the annotation endpoints.kubernetes.io/last-change-trigger-time.
// It is empty if there is none.
//
// Upstream: endpointslice/util (TriggerTimeTracker), which remembers the times that it has seen; here the Pods whose readiness differs from what the endpoints say take that part.
func triggerTime(changed []*corev1.Pod) string {
	var earliest time.Time
	for _, pod := range changed {
		c := podReadyCondition(pod)
		if c != nil && !c.LastTransitionTime.IsZero() && (earliest.IsZero() || c.LastTransitionTime.Time.Before(earliest)) {
			earliest = c.LastTransitionTime.Time
		}
	}
	return formatTriggerTime(earliest)
}

// createdTrigger is the trigger time of a Service's first endpoints.
func createdTrigger(svc *corev1.Service) string {
	return formatTriggerTime(svc.CreationTimestamp.Time)
}

func formatTriggerTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// annotate sets an annotation, or removes it if the value is empty.
func annotate(annotations map[string]string, key, value string) map[string]string {
	annotated := maps.Clone(annotations)
	if value == "" {
		delete(annotated, key)
		return annotated
	}
	if annotated == nil {
		annotated = map[string]string{}
	}
	annotated[key] = value
	return annotated
}
