package apiserver

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// clusterIPs are the rows of addresses that are taken, each with the service
// that has it.
const clusterIPs = "cluster-ips"

var (
	errRangeFull     = errors.New("range is full")
	errIPAllocated   = errors.New("provided IP is already allocated")
	errOtherNetwork  = errors.New("the provided network does not match the current range")
	errPortAllocated = errors.New("provided port is already allocated")
)

// allocateClusterIPs gives a service an address of each of its families: the
// one that it asks for, or any.
//
// Upstream: pkg/registry/core/service/storage (allocClusterIPs), complete.
func (c *call) allocateClusterIPs(svc *corev1.Service) error {
	if !needsClusterIP(svc) || hasNoClusterIP(svc) {
		return nil
	}
	svc.Spec.ClusterIPs = slices.Clone(svc.Spec.ClusterIPs)
	for i := range svc.Spec.IPFamilies {
		if err := c.allocateClusterIP(svc, i); err != nil {
			return err
		}
	}
	svc.Spec.ClusterIP = svc.Spec.ClusterIPs[0]
	return nil
}

func hasNoClusterIP(svc *corev1.Service) bool {
	return len(svc.Spec.ClusterIPs) > 0 && svc.Spec.ClusterIPs[0] == corev1.ClusterIPNone
}

// allocateClusterIP gives a service the address of its nth family.
func (c *call) allocateClusterIP(svc *corev1.Service, n int) error {
	spec := &svc.Spec
	if n == len(spec.ClusterIPs) {
		spec.ClusterIPs = append(spec.ClusterIPs, "")
	}
	if asked := spec.ClusterIPs[n]; asked != "" {
		if err := c.takeClusterIP(asked, svc); err != nil {
			return c.invalid(svc.Name, field.ErrorList{
				field.Invalid(specPath("clusterIPs"), spec.ClusterIPs, fmt.Sprintf("failed to allocate IP %v: %v", asked, err)),
			})
		}
		return nil
	}
	ip, err := c.nextClusterIP(svc, spec.IPFamilies[n])
	if err != nil {
		return apierrors.NewInternalError(fmt.Errorf("failed to allocate a serviceIP for Service %q: %w", svc.Name, err))
	}
	spec.ClusterIPs[n] = ip
	return nil
}

func (c *call) takeClusterIP(text string, svc *corev1.Service) error {
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return fmt.Errorf("failed to parse service IP %q", text)
	}
	if c.dryRun {
		return c.rehearseClusterIP(ip)
	}
	isIn := func(r netip.Prefix) bool {
		return r.Contains(ip) && isUsable(r, addressNumber(r, ip))
	}
	if !slices.ContainsFunc(c.serviceRanges(familyOf(ip)), isIn) {
		return errOtherNetwork
	}
	if c.isTaken(ip.String()) {
		return errIPAllocated
	}
	c.takeIP(ip, svc)
	return nil
}

// rehearseClusterIP is all that a dry run asks: whether the address is in the
// range which the cluster began with.
func (c *call) rehearseClusterIP(ip netip.Addr) error {
	r := c.firstRange(familyOf(ip))
	if !r.Contains(ip) || !isUsable(r, addressNumber(r, ip)) {
		return fmt.Errorf("the provided IP (%v) is not in the valid range. The range of valid IPs is %v", ip, r)
	}
	return nil
}

// nextClusterIP takes a free address of a family, from the first range that
// has one. Low ones are left, while there are others, to those who ask for one
// by number. A dry run gets the address of the network.
func (c *call) nextClusterIP(svc *corev1.Service, family corev1.IPFamily) (string, error) {
	if c.dryRun {
		return c.firstRange(family).Masked().Addr().String(), nil
	}
	for _, r := range c.serviceRanges(family) {
		total := usableAddresses(r)
		n, ok := c.pick(drawClusterIP, total, reservedAddresses(r), func(n uint64) bool {
			return !c.isTaken(nthAddress(r, n+1).String())
		})
		if ok {
			ip := nthAddress(r, n+1)
			c.takeIP(ip, svc)
			return ip.String(), nil
		}
	}
	return "", errRangeFull
}

// reservedBand is how many numbers at the start of a range are for those who
// ask for them: one part of the range, at least 16, at most limit.
func reservedBand(size, part, limit uint64) uint64 {
	if size <= 16 {
		return 0
	}
	return min(max(16, size/part), limit)
}

// pick finds a free number below total: from a place that looks random on,
// the first reserved numbers last.
func (c *call) pick(purpose, total, reserved uint64, free func(uint64) bool) (uint64, bool) {
	if dynamic := total - reserved; dynamic > 0 {
		start := c.draw(purpose) % dynamic
		for i := range dynamic {
			if n := reserved + (start+i)%dynamic; free(n) {
				return n, true
			}
		}
	}
	for n := range reserved {
		if free(n) {
			return n, true
		}
	}
	return 0, false
}

// updateClusterIPs follows a change from or to ExternalName, which is the only
// type without an address, and from one family to two and back.
//
// Upstream: pkg/registry/core/service/storage (updateClusterIPs), complete.
func (c *call) updateClusterIPs(svc, old *corev1.Service) error {
	was, is := len(old.Spec.IPFamilies), len(svc.Spec.IPFamilies)
	switch {
	case prefersSameFamilies(svc, old):
	case !needsClusterIP(old) && needsClusterIP(svc):
		return c.allocateClusterIPs(svc)
	case hasNoClusterIP(old):
	case needsClusterIP(old) && !needsClusterIP(svc):
		c.releaseClusterIPs(old, old.Spec.ClusterIPs)
	case was == 1 && is == 2:
		svc.Spec.ClusterIPs = slices.Clone(svc.Spec.ClusterIPs)
		return c.allocateClusterIP(svc, 1)
	case was == 2 && is == 1:
		c.releaseClusterIPs(old, old.Spec.ClusterIPs[1:])
	}
	return nil
}

// releaseClusterIPs gives back those of the addresses that are the service's.
func (c *call) releaseClusterIPs(svc *corev1.Service, ips []string) {
	for _, text := range ips {
		ip, err := netip.ParseAddr(text)
		if err == nil && c.tx.Row(clusterIPs, ip.String()) == svc.Namespace+"/"+svc.Name {
			c.freeIP(ip.String())
		}
	}
}
