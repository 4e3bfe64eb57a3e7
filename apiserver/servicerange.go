package apiserver

import (
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// widestIPv6 is the fewest bits that a range of IPv6 addresses fixes.
const widestIPv6 = 64

func familyOf(ip netip.Addr) corev1.IPFamily {
	if ip.Is4() {
		return corev1.IPv4Protocol
	}
	return corev1.IPv6Protocol
}

// serviceFamilies are the families that Services may have, the default first.
func (c *call) serviceFamilies() []corev1.IPFamily {
	var families []corev1.IPFamily
	for _, r := range c.ServiceCIDRs {
		families = append(families, familyOf(r.Addr()))
	}
	return families
}

// firstRange is the range of a family that the cluster began with.
func (c *call) firstRange(family corev1.IPFamily) netip.Prefix {
	return c.ServiceCIDRs[slices.Index(c.serviceFamilies(), family)]
}

// serviceRanges are the ranges that addresses of a family may come from now:
// what the cluster began with, and then those of other ServiceCIDRs, by name.
//
// Upstream: pkg/registry/core/service/ipallocator (MetaAllocator), in any order; a default range whose ServiceCIDR was deleted, and which upstream's API server would make anew, stays in use.
func (c *call) serviceRanges(family corev1.IPFamily) []netip.Prefix {
	first, others := c.ServiceCIDRs, []netip.Prefix(nil)
	for o := range c.tx.List(serviceCIDRs, "") {
		cidr := o.Value.(*networkingv1.ServiceCIDR)
		switch {
		case cidr.Name == defaultServiceCIDR && !givesOut(cidr):
			first = nil
		case cidr.Name != defaultServiceCIDR && givesOut(cidr):
			others = append(others, prefixes(cidr)...)
		}
	}
	return slices.DeleteFunc(slices.Concat(first, others), func(r netip.Prefix) bool {
		return familyOf(r.Addr()) != family || r.Addr().Is6() && r.Bits() < widestIPv6
	})
}

// givesOut says whether addresses may be taken from a range. Nobody may have
// looked at it yet, if its controller does not run.
func givesOut(cidr *networkingv1.ServiceCIDR) bool {
	i := slices.IndexFunc(cidr.Status.Conditions, func(c metav1.Condition) bool { return c.Type == networkingv1.ServiceCIDRConditionReady })
	return cidr.DeletionTimestamp == nil && (i < 0 || cidr.Status.Conditions[i].Status == metav1.ConditionTrue)
}

func prefixes(cidr *networkingv1.ServiceCIDR) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range cidr.Spec.CIDRs {
		if r, err := netip.ParsePrefix(text); err == nil {
			all = append(all, r)
		}
	}
	return all
}

// usableAddresses is how many addresses of a range there are to give out: not
// the network's own, and not IPv4's broadcast address.
func usableAddresses(r netip.Prefix) uint64 {
	all := uint64(1)<<(r.Addr().BitLen()-r.Bits()) - 1 // of 64 bits: all but one, too
	if r.Addr().Is4() && all > 0 {
		all--
	}
	return all
}

// isUsable says whether the nth address of a range may be given out.
func isUsable(r netip.Prefix, n uint64) bool { return n >= 1 && n <= usableAddresses(r) }

// reservedAddresses is how many of them are for those who ask for them.
//
// Upstream: pkg/registry/core/service/ipallocator (calculateRangeOffset), complete.
func reservedAddresses(r netip.Prefix) uint64 {
	size := uint64(1) << min(r.Addr().BitLen()-r.Bits(), 63)
	return reservedBand(size, 16, 256)
}
