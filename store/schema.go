package store

import (
	"fmt"
	"slices"

	"github.com/hashicorp/go-memdb"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Tables. memdb fixes them when a database is made, so one generic table holds
// the objects of all kinds, custom ones included.
const (
	tableObjects = "objects"
	tableIndex   = "index"
	tableRows    = "rows"

	indexID = "id"
)

func newSchema() *memdb.DBSchema {
	tables := map[string]*memdb.TableSchema{}
	for name, key := range map[string]memdb.Indexer{tableObjects: objectKey{}, tableIndex: entryKey{}, tableRows: rowKey{}} {
		tables[name] = &memdb.TableSchema{Name: name, Indexes: map[string]*memdb.IndexSchema{
			indexID: {Name: indexID, Unique: true, Indexer: key},
		}}
	}
	return &memdb.DBSchema{Tables: tables}
}

// Every part of a key ends with a zero byte, so that a prefix of "pods" does
// not match "podsx".
func appendPart(b []byte, s string) []byte { return append(append(b, s...), 0) }

func encodeKey(gr schema.GroupResource, namespace, name string) []byte {
	b := make([]byte, 0, len(gr.Resource)+len(gr.Group)+len(namespace)+len(name)+4)
	return appendPart(appendNamespace(b, gr, namespace), name)
}

func appendNamespace(b []byte, gr schema.GroupResource, namespace string) []byte {
	return appendPart(appendResource(b, gr), namespace)
}

func appendResource(b []byte, gr schema.GroupResource) []byte {
	return appendPart(appendPart(b, gr.Resource), gr.Group)
}

// raw is the argument of every look-up: bytes that are encoded already.
type raw []byte

func fromRaw(args []any) ([]byte, error) {
	if len(args) == 1 {
		if b, ok := args[0].(raw); ok {
			return b, nil
		}
	}
	return nil, fmt.Errorf("store: index wants one raw key, got %v", args)
}

type rawArgs struct{}

func (rawArgs) FromArgs(args ...any) ([]byte, error)       { return fromRaw(args) }
func (rawArgs) PrefixFromArgs(args ...any) ([]byte, error) { return fromRaw(args) }

type objectKey struct{ rawArgs }

func (objectKey) FromObject(v any) (bool, []byte, error) { return true, v.(*Object).key, nil }

// entry is one row of the index: what an object is found by, and then its
// key. It does not hold the object (as memdb's own indexes would), so that a
// write which leaves owners, node and lease as they are does not touch it.
type entry []byte

type entryKey struct{ rawArgs }

func (entryKey) FromObject(v any) (bool, []byte, error) { return true, v.(entry), nil }

func byOwner(uid string) entry { return appendPart(appendPart(nil, "owner"), uid) }

func byNode(node string) entry { return appendPart(appendPart(nil, "node"), node) }

func byLease(id LeaseID) entry { return append(appendPart(nil, "lease"), encodeInt(int64(id))...) }

func (o *Object) entries() []entry {
	var all []entry
	for _, uid := range o.Owners {
		all = append(all, append(byOwner(uid), o.key...))
	}
	if o.Node != "" {
		all = append(all, append(byNode(o.Node), o.key...))
	}
	if o.Lease != 0 {
		all = append(all, append(byLease(o.Lease), o.key...))
	}
	return all
}

func (o *Object) indexedLike(other *Object) bool {
	return slices.Equal(o.Owners, other.Owners) && o.Node == other.Node && o.Lease == other.Lease
}

// row is one plain row: a value under a key in a named set.
type row struct {
	key   []byte
	name  string
	value any
}

type rowKey struct{ rawArgs }

func (rowKey) FromObject(v any) (bool, []byte, error) { return true, v.(*row).key, nil }

func encodeRow(set, name string) []byte {
	b := make([]byte, 0, len(set)+len(name)+2)
	return appendPart(appendPart(b, set), name)
}

// encodeInt keeps the order of non-negative numbers, and has no zero byte.
func encodeInt(n int64) string { return fmt.Sprintf("%016x", uint64(n)) }
