package apiserver

import (
	"errors"
	"fmt"
	"net/netip"

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

// allocateClusterIP takes the address that a service asks for, or any.
//
// Upstream: pkg/registry/core/service/ipallocator, from the default ServiceCIDR only.
func (c *call) allocateClusterIP(svc *corev1.Service) error {
	spec := &svc.Spec
	if !needsClusterIP(svc) || len(spec.ClusterIPs) > 0 && spec.ClusterIPs[0] == corev1.ClusterIPNone {
		return nil
	}
	if len(spec.ClusterIPs) > 0 && spec.ClusterIPs[0] != "" {
		if err := c.takeClusterIP(spec.ClusterIPs[0], svc); err != nil {
			return c.invalid(svc.Name, field.ErrorList{
				field.Invalid(specPath("clusterIPs"), spec.ClusterIPs, fmt.Sprintf("failed to allocate IP %v: %v", spec.ClusterIPs[0], err)),
			})
		}
		spec.ClusterIP = spec.ClusterIPs[0]
		return nil
	}
	ip, err := c.nextClusterIP(svc)
	if err != nil {
		return apierrors.NewInternalError(fmt.Errorf("failed to allocate a serviceIP for Service %q: %w", svc.Name, err))
	}
	spec.ClusterIP, spec.ClusterIPs = ip, []string{ip}
	return nil
}

func (c *call) takeClusterIP(text string, svc *corev1.Service) error {
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return fmt.Errorf("failed to parse service IP %q", text)
	}
	n := 0
	if c.ServiceCIDR.Contains(ip) {
		n = addressNumber(c.ServiceCIDR, ip)
	}
	if n < 1 || n > c.serviceAddresses() { // the network's and the broadcast address
		return errOtherNetwork
	}
	if c.isTaken(text) {
		return errIPAllocated
	}
	c.takeIP(text, svc)
	return nil
}

// serviceAddresses is how many addresses there are to give out.
func (c *call) serviceAddresses() int { return 1<<(32-c.ServiceCIDR.Bits()) - 2 }

// nextClusterIP takes a free address. Low ones are left, while there are
// others, to those who ask for one by number.
func (c *call) nextClusterIP(svc *corev1.Service) (string, error) {
	total := c.serviceAddresses()
	n, ok := c.pick(drawClusterIP, total, reservedBand(total+2, 16, 256), func(n int) bool {
		return !c.isTaken(nthAddress(c.ServiceCIDR, n+1).String())
	})
	if !ok {
		return "", errRangeFull
	}
	ip := nthAddress(c.ServiceCIDR, n+1).String()
	c.takeIP(ip, svc)
	return ip, nil
}

// reservedBand is how many numbers at the start of a range are for those who
// ask for them: one part of the range, at least 16, at most limit.
func reservedBand(size, part, limit int) int {
	if size <= 16 {
		return 0
	}
	return min(max(16, size/part), limit)
}

// pick finds a free number below total: from a place that looks random on,
// the first reserved numbers last.
func (c *call) pick(purpose uint64, total, reserved int, free func(int) bool) (int, bool) {
	dynamic := total - reserved
	if dynamic > 0 {
		start := int(c.draw(purpose) % uint64(dynamic))
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

// updateClusterIP follows a change from or to ExternalName, which is the only
// type without an address.
func (c *call) updateClusterIP(svc, old *corev1.Service) error {
	switch {
	case !needsClusterIP(old) && needsClusterIP(svc):
		return c.allocateClusterIP(svc)
	case needsClusterIP(old) && !needsClusterIP(svc):
		c.releaseClusterIP(old)
	}
	return nil
}

func (c *call) releaseClusterIP(svc *corev1.Service) {
	for _, ip := range svc.Spec.ClusterIPs {
		if c.tx.Row(clusterIPs, ip) == svc.Namespace+"/"+svc.Name {
			c.freeIP(ip)
		}
	}
}
