package apiserver

import (
	"fmt"
	"net/netip"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// sandboxAllocator gives each sandbox an address of its machine's range.
func sandboxAllocator() *allocator {
	return &allocator{create: allocateSandboxIP, update: keepSandboxIP, release: releaseSandboxIP}
}

// addressPool is which addresses of a machine's PodCIDR are taken: one bit
// for each, counted from the start of the range. It is a row, so never changed.
type addressPool struct {
	taken []uint64
	last  int // the one handed out last
}

const addressPools = "pod-addresses"

// The network's own address and the gateway's are never handed out.
const firstPodAddress = 2

// allocateSandboxIP takes the next free address, round and round, so that one
// which just became free is not soon used again.
//
// Upstream: containernetworking/plugins/plugins/ipam/host-local, for one range of IPv4 addresses.
func allocateSandboxIP(c *call, obj kinds.Object) error {
	sandbox := obj.(*nodelocal.Sandbox)
	if sandbox.HostNetwork || sandbox.IP != "" {
		return nil
	}
	cidr, err := c.podCIDR(sandbox.Namespace)
	if err != nil {
		return err
	}
	pool, size := c.addressPool(sandbox.Namespace, cidr)
	for range size {
		if pool.last++; pool.last >= size-1 { // the broadcast address
			pool.last = firstPodAddress
		}
		word, bit := pool.last/64, uint64(1)<<(pool.last%64)
		if pool.taken[word]&bit != 0 {
			continue
		}
		pool.taken[word] |= bit
		c.tx.PutRow(addressPools, sandbox.Namespace, pool)
		sandbox.IP = nthAddress(cidr, uint64(pool.last)).String()
		return nil
	}
	return apierrors.NewInternalError(fmt.Errorf("failed to allocate for range 0: no IP addresses available in range set: %s-%s", nthAddress(cidr, 1), nthAddress(cidr, uint64(size-2))))
}

func (c *call) podCIDR(machine string) (netip.Prefix, error) {
	stored := c.tx.Get(machines, "", machine)
	if stored == nil {
		return netip.Prefix{}, apierrors.NewNotFound(machines, machine)
	}
	text := stored.Value.(*nodelocal.Machine).Spec.PodCIDR
	cidr, err := netip.ParsePrefix(text)
	if err != nil || !cidr.Addr().Is4() || cidr.Bits() > 30 {
		return netip.Prefix{}, apierrors.NewInternalError(fmt.Errorf("machine %s has no usable range for pods: %q", machine, text))
	}
	return cidr.Masked(), nil
}

// addressPool is a machine's pool, the caller's own copy, and the size of its range.
func (c *call) addressPool(machine string, cidr netip.Prefix) (*addressPool, int) {
	size := 1 << (32 - cidr.Bits())
	words := (size + 63) / 64
	if pool, ok := c.tx.Row(addressPools, machine).(*addressPool); ok && len(pool.taken) == words {
		return &addressPool{slices.Clone(pool.taken), pool.last}, size
	}
	return &addressPool{make([]uint64, words), firstPodAddress - 1}, size
}

// keepSandboxIP: an address is for life.
func keepSandboxIP(_ *call, obj, old kinds.Object) error {
	obj.(*nodelocal.Sandbox).IP = old.(*nodelocal.Sandbox).IP
	return nil
}

func releaseSandboxIP(c *call, obj kinds.Object) {
	sandbox := obj.(*nodelocal.Sandbox)
	pool, ok := c.tx.Row(addressPools, sandbox.Namespace).(*addressPool)
	if !ok || sandbox.HostNetwork {
		return
	}
	cidr, err := c.podCIDR(sandbox.Namespace)
	addr, err2 := netip.ParseAddr(sandbox.IP)
	if err != nil || err2 != nil || !cidr.Contains(addr) {
		return // the machine is gone, or has another range by now
	}
	n := addressNumber(cidr, addr)
	taken := slices.Clone(pool.taken)
	taken[n/64] &^= 1 << (n % 64)
	c.tx.PutRow(addressPools, sandbox.Namespace, &addressPool{taken, pool.last})
}
