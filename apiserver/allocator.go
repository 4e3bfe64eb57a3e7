package apiserver

import (
	"encoding/binary"
	"net/netip"

	"github.com/minik8s/minik8s/kinds"
)

// allocator hands out what there is only so much of to the objects of a kind.
// What is taken is kept in rows, written in the same transaction as the object.
type allocator struct {
	create  func(c *call, obj kinds.Object) error
	update  func(c *call, obj, old kinds.Object) error
	release func(c *call, obj kinds.Object)
}

// nthAddress counts from the first address of a range, whose addresses differ
// in their last 64 bits.
func nthAddress(r netip.Prefix, n uint64) netip.Addr {
	base := r.Masked().Addr()
	bytes := base.As16()
	binary.BigEndian.PutUint64(bytes[8:], lastBits(base)+n)
	ip := netip.AddrFrom16(bytes)
	if base.Is4() {
		return ip.Unmap()
	}
	return ip
}

// addressNumber is the inverse of nthAddress.
func addressNumber(r netip.Prefix, ip netip.Addr) uint64 {
	return lastBits(ip) - lastBits(r.Masked().Addr())
}

func lastBits(ip netip.Addr) uint64 {
	bytes := ip.As16()
	return binary.BigEndian.Uint64(bytes[8:])
}
