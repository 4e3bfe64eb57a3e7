package store

import (
	"encoding/binary"
	"fmt"

	"github.com/hashicorp/go-memdb"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Tables and indexes. memdb fixes them when a database is made, so one
// generic table holds the objects of all kinds, custom ones included.
const (
	tableObjects = "objects"
	tableLog     = "log"
	tableRows    = "rows"

	indexID    = "id"
	indexOwner = "owner"
	indexNode  = "node"
	indexLease = "lease"
)

func newSchema() *memdb.DBSchema {
	return &memdb.DBSchema{Tables: map[string]*memdb.TableSchema{
		tableObjects: {Name: tableObjects, Indexes: map[string]*memdb.IndexSchema{
			indexID:    {Name: indexID, Unique: true, Indexer: objectKey{}},
			indexOwner: {Name: indexOwner, AllowMissing: true, Indexer: objectOwners{}},
			indexNode:  {Name: indexNode, AllowMissing: true, Indexer: objectNode{}},
			indexLease: {Name: indexLease, AllowMissing: true, Indexer: objectLease{}},
		}},
		tableLog:  {Name: tableLog, Indexes: map[string]*memdb.IndexSchema{indexID: {Name: indexID, Unique: true, Indexer: changeRevision{}}}},
		tableRows: {Name: tableRows, Indexes: map[string]*memdb.IndexSchema{indexID: {Name: indexID, Unique: true, Indexer: rowKey{}}}},
	}}
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

type objectOwners struct{ rawArgs }

func (objectOwners) FromObject(v any) (bool, [][]byte, error) {
	o := v.(*Object)
	if len(o.Owners) == 0 {
		return false, nil, nil
	}
	keys := make([][]byte, len(o.Owners))
	for i, uid := range o.Owners {
		keys[i] = appendPart(nil, uid)
	}
	return true, keys, nil
}

type objectNode struct{ rawArgs }

func (objectNode) FromObject(v any) (bool, []byte, error) {
	o := v.(*Object)
	return o.Node != "", appendPart(nil, o.Node), nil
}

type objectLease struct{ rawArgs }

func (objectLease) FromObject(v any) (bool, []byte, error) {
	o := v.(*Object)
	return o.Lease != 0, encodeInt(int64(o.Lease)), nil
}

type changeRevision struct{ rawArgs }

func (changeRevision) FromObject(v any) (bool, []byte, error) {
	return true, encodeInt(v.(*Change).Revision), nil
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

// encodeInt keeps the order of non-negative numbers.
func encodeInt(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
