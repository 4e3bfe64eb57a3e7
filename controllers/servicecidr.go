package controllers

import (
	"net/netip"
	"slices"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

const (
	serviceCIDRFinalizer = "networking.k8s.io/service-cidr-finalizer"
	// serviceCIDRGrace is how long a range that is no longer needed stays, so
	// that who gives out addresses has heard of it.
	serviceCIDRGrace = 10 * time.Second
	// addressAllocator is who manages the IPAddresses of Services.
	addressAllocator = "ipallocator.k8s.io"
)

// ServiceCIDR says of a range of cluster IPs that it is ready, and keeps one
// that is being deleted for as long as there are addresses which are in no
// other range. Where addresses come from is the API server's business.
//
// Upstream: pkg/controller/servicecidrs, where a change of any address wakes the ranges around it, here only those that are being deleted.
func ServiceCIDR() reconcile.Component {
	return reconcile.Component{
		Name: "service-cidr-controller",
		User: "system:serviceaccount:kube-system:service-cidrs-controller",
		For:  reconcile.ServiceCIDRs.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.ServiceCIDRs.GroupResource).If(isUnsettled),
			reconcile.Mapped(reconcile.ServiceCIDRs.GroupResource, endingOverlaps).If(comesOrGoes),
			reconcile.Mapped(reconcile.IPAddresses.GroupResource, endingAround).If(comesOrGoes),
		},
		Reconcile: reconcileServiceCIDR,
	}
}

func isUnsettled(_, after reconcile.Object) bool {
	if after == nil {
		return false
	}
	cidr := after.(*networkingv1.ServiceCIDR)
	return cidr.DeletionTimestamp != nil || !hasServiceCIDRFinalizer(cidr) ||
		!meta.IsStatusConditionTrue(cidr.Status.Conditions, networkingv1.ServiceCIDRConditionReady)
}

func hasServiceCIDRFinalizer(cidr *networkingv1.ServiceCIDR) bool {
	return slices.Contains(cidr.Finalizers, serviceCIDRFinalizer)
}

// endingOverlaps are the ranges that are being deleted and share addresses
// with one that has come or gone.
func endingOverlaps(v reconcile.View, o reconcile.Object) []reconcile.Key {
	of := ranges(o.(*networkingv1.ServiceCIDR))
	return ending(v, func(r netip.Prefix) bool { return slices.ContainsFunc(of, r.Overlaps) })
}

// endingAround are the ranges that are being deleted and have a Service's address.
func endingAround(v reconcile.View, o reconcile.Object) []reconcile.Key {
	ip, err := netip.ParseAddr(o.GetName())
	if err != nil || o.GetLabels()[networkingv1.LabelManagedBy] != addressAllocator {
		return nil
	}
	return ending(v, func(r netip.Prefix) bool { return r.Contains(ip) })
}

func ending(v reconcile.View, concerns func(netip.Prefix) bool) []reconcile.Key {
	var keys []reconcile.Key
	for _, cidr := range reconcile.ServiceCIDRs.List(v) {
		if cidr.DeletionTimestamp != nil && slices.ContainsFunc(ranges(cidr), concerns) {
			keys = append(keys, reconcile.KeyOf(cidr))
		}
	}
	return keys
}

func ranges(cidr *networkingv1.ServiceCIDR) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range cidr.Spec.CIDRs {
		if r, err := netip.ParsePrefix(text); err == nil {
			all = append(all, r.Masked())
		}
	}
	return all
}

func reconcileServiceCIDR(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	var plan reconcile.Plan
	cidr, ok := reconcile.ServiceCIDRs.Get(v, req.Key)
	switch {
	case !ok:
	case cidr.DeletionTimestamp != nil:
		releaseServiceCIDR(&plan, v, cidr)
	case !hasServiceCIDRFinalizer(cidr):
		kept := cidr.DeepCopy()
		kept.Finalizers = append(kept.Finalizers, serviceCIDRFinalizer)
		plan.Update(kept, "nobody may take the range away while its addresses are in use")
	default:
		sayOfServiceCIDR(&plan, v, cidr, metav1.Condition{
			Type: networkingv1.ServiceCIDRConditionReady, Status: metav1.ConditionTrue, Message: "Kubernetes Service CIDR is ready",
		})
	}
	return plan, nil
}

// releaseServiceCIDR lets a range go once all addresses in it are in another one, too.
func releaseServiceCIDR(plan *reconcile.Plan, v reconcile.View, cidr *networkingv1.ServiceCIDR) {
	if !hasServiceCIDRFinalizer(cidr) {
		return
	}
	if ip := orphan(v, cidr); ip != "" {
		plan.Observe("%s would be in no range", ip)
		sayOfServiceCIDR(plan, v, cidr, metav1.Condition{
			Type: networkingv1.ServiceCIDRConditionReady, Status: metav1.ConditionFalse, Reason: networkingv1.ServiceCIDRReasonTerminating,
			Message: "There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR",
		})
		return
	}
	if left := cidr.DeletionTimestamp.Add(serviceCIDRGrace).Sub(v.Now()); left > 0 {
		plan.RequeueAfter(left, "an address of the range may just be given out")
		return
	}
	released := cidr.DeepCopy()
	released.Finalizers = slices.DeleteFunc(released.Finalizers, func(f string) bool { return f == serviceCIDRFinalizer })
	plan.Update(released, "no address needs the range any more")
}

// orphan is an address of a Service that is in no other range, or empty.
func orphan(v reconcile.View, cidr *networkingv1.ServiceCIDR) string {
	var others []netip.Prefix
	for _, other := range reconcile.ServiceCIDRs.List(v) {
		if other.Name != cidr.Name {
			others = append(others, ranges(other)...)
		}
	}
	isIn := func(all []netip.Prefix, ip netip.Addr) bool {
		return slices.ContainsFunc(all, func(r netip.Prefix) bool { return r.Contains(ip) })
	}
	own := ranges(cidr)
	for _, address := range reconcile.IPAddresses.List(v) {
		ip, err := netip.ParseAddr(address.Name)
		if err == nil && address.Labels[networkingv1.LabelManagedBy] == addressAllocator && isIn(own, ip) && !isIn(others, ip) {
			return address.Name
		}
	}
	return ""
}

func sayOfServiceCIDR(plan *reconcile.Plan, v reconcile.View, cidr *networkingv1.ServiceCIDR, says metav1.Condition) {
	now := meta.FindStatusCondition(cidr.Status.Conditions, says.Type)
	if now != nil && now.Status == says.Status && now.Reason == says.Reason && now.Message == says.Message {
		return
	}
	said := cidr.DeepCopy()
	says.LastTransitionTime = metav1.NewTime(v.Now().Truncate(time.Second))
	meta.SetStatusCondition(&said.Status.Conditions, says)
	plan.UpdateStatus(said, "ready: %s", says.Status)
}
