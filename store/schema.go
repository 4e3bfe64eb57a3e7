package store

import (
	"fmt"
	"slices"

	"github.com/hashicorp/go-memdb"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// All rows are in one table with one index, told apart by the first byte of
// their keys: each table and index is a tree of its own, and a transaction pays
// for every tree that it touches. memdb fixes its tables when a database is
// made, so custom resources would have to share one anyway.
const (
	tableAll = "all"
	byKey    = "id" // memdb wants the unique index to be called so

	objectKeys = 'o'
	indexKeys  = 'i'
	rowKeys    = 'r'
)

func newSchema() *memdb.DBSchema {
	return &memdb.DBSchema{Tables: map[string]*memdb.TableSchema{
		tableAll: {Name: tableAll, Indexes: map[string]*memdb.IndexSchema{
			byKey: {Name: byKey, Unique: true, Indexer: keyIndexer{}},
		}},
	}}
}

// keyed is anything that is stored: it knows its whole key.
type keyed interface{ storeKey() []byte }

func (o *Object) storeKey() []byte { return o.key }
func (e entry) storeKey() []byte   { return e }
func (r *row) storeKey() []byte    { return r.key }

// Every part of a key ends with a zero byte, so that a prefix of "pods" does
// not match "podsx".
func appendPart(b []byte, s string) []byte { return append(append(b, s...), 0) }

func encodeKey(gr schema.GroupResource, namespace, name string) []byte {
	b := make([]byte, 0, len(gr.Resource)+len(gr.Group)+len(namespace)+len(name)+5)
	return appendPart(appendNamespace(b, gr, namespace), name)
}

func appendNamespace(b []byte, gr schema.GroupResource, namespace string) []byte {
	return appendPart(appendResource(b, gr), namespace)
}

func appendResource(b []byte, gr schema.GroupResource) []byte {
	return appendPart(appendPart(append(b, objectKeys), gr.Resource), gr.Group)
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

type keyIndexer struct{}

func (keyIndexer) FromArgs(args ...any) ([]byte, error)       { return fromRaw(args) }
func (keyIndexer) PrefixFromArgs(args ...any) ([]byte, error) { return fromRaw(args) }
func (keyIndexer) FromObject(v any) (bool, []byte, error)     { return true, v.(keyed).storeKey(), nil }

// entry is one row of the index: what an object is found by, and then its
// key. It does not hold the object (as memdb's own indexes would), so that a
// write which leaves owners and node as they are does not touch it.
type entry []byte

func byOwner(uid string) entry { return appendPart(appendPart(entry{indexKeys}, "owner"), uid) }

func byNode(node string) entry { return appendPart(appendPart(entry{indexKeys}, "node"), node) }

func (o *Object) entries() []entry {
	var all []entry
	for _, uid := range o.Owners {
		all = append(all, append(byOwner(uid), o.key...))
	}
	if o.Node != "" {
		all = append(all, append(byNode(o.Node), o.key...))
	}
	return all
}

func (o *Object) indexedLike(other *Object) bool {
	return slices.Equal(o.Owners, other.Owners) && o.Node == other.Node
}

// row is one plain row: a value under a key in a named set.
type row struct {
	key   []byte
	name  string
	value any
}

func encodeRow(set, name string) []byte { return appendPart(appendSet(len(name), set), name) }

// appendSet begins the key of a row, with room for a name.
func appendSet(room int, set string) []byte {
	return appendPart(append(make([]byte, 0, len(set)+room+3), rowKeys), set)
}

// encodeInt keeps the order of non-negative numbers, and has no zero byte.
func encodeInt(n int64) string { return fmt.Sprintf("%016x", uint64(n)) }
