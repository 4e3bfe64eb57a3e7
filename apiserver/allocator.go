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

// nthAddress counts from the first address of an IPv4 range.
func nthAddress(cidr netip.Prefix, n int) netip.Addr {
	base := cidr.Masked().Addr().As4()
	return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, binary.BigEndian.Uint32(base[:])+uint32(n))))
}

// addressNumber is the inverse of nthAddress.
func addressNumber(cidr netip.Prefix, addr netip.Addr) int {
	base, a := cidr.Masked().Addr().As4(), addr.As4()
	return int(binary.BigEndian.Uint32(a[:]) - binary.BigEndian.Uint32(base[:]))
}
