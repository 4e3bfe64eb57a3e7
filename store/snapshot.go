package store

import (
	"bytes"
	"errors"
	"iter"

	"github.com/hashicorp/go-memdb"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Snapshot is the world at one moment. It never changes.
type Snapshot struct {
	db       *memdb.MemDB
	revision int64
	oldest   int64 // the oldest revision whose change is in the log
}

// Revision is that of the newest write in the snapshot.
func (s *Snapshot) Revision() int64 { return s.revision }

// Get returns an object, or nil.
func (s *Snapshot) Get(gr schema.GroupResource, namespace, name string) *Object {
	txn := s.db.Txn(false)
	return first[*Object](txn, tableObjects, indexID, encodeKey(gr, namespace, name))
}

// List ranges over the objects of a resource in key order; an empty namespace
// means all of them.
func (s *Snapshot) List(gr schema.GroupResource, namespace string) iter.Seq[*Object] {
	prefix := appendResource(nil, gr)
	if namespace != "" {
		prefix = appendPart(prefix, namespace)
	}
	return scan[*Object](s.db.Txn(false), tableObjects, indexID+"_prefix", prefix)
}

// ListFrom is List from the first key after namespace/name on, for reading a
// long list in pieces.
func (s *Snapshot) ListFrom(gr schema.GroupResource, within, namespace, name string) iter.Seq[*Object] {
	prefix := appendResource(nil, gr)
	if within != "" {
		prefix = appendPart(prefix, within)
	}
	after := encodeKey(gr, namespace, name)
	return func(yield func(*Object) bool) {
		it := must(s.db.Txn(false).LowerBound(tableObjects, indexID, raw(after)))
		for v := it.Next(); v != nil; v = it.Next() {
			o := v.(*Object)
			if !bytes.HasPrefix(o.key, prefix) {
				return
			}
			if !bytes.Equal(o.key, after) && !yield(o) {
				return
			}
		}
	}
}

// ListOwned ranges over the objects of all kinds that name uid as an owner.
func (s *Snapshot) ListOwned(uid string) iter.Seq[*Object] {
	return scan[*Object](s.db.Txn(false), tableObjects, indexOwner, appendPart(nil, uid))
}

// ListOnNode ranges over the objects that are bound to a node.
func (s *Snapshot) ListOnNode(node string) iter.Seq[*Object] {
	return scan[*Object](s.db.Txn(false), tableObjects, indexNode, appendPart(nil, node))
}

// Oldest is the oldest revision whose change is still in the log.
func (s *Snapshot) Oldest() int64 { return s.oldest }

// Change returns one row of the change log. The error is a *RevisionError.
func (s *Snapshot) Change(revision int64) (*Change, error) {
	if err := s.retained(revision); err != nil {
		return nil, err
	}
	return first[*Change](s.db.Txn(false), tableLog, indexID, encodeInt(revision)), nil
}

// Changes ranges over the change log after a revision, oldest first. The
// error is a *RevisionError: changes that were asked for are gone, or the
// revision is yet to come.
func (s *Snapshot) Changes(after int64) (iter.Seq[*Change], error) {
	if after == s.revision {
		return func(func(*Change) bool) {}, nil
	}
	if err := s.retained(after + 1); err != nil {
		return nil, err
	}
	return func(yield func(*Change) bool) {
		it := must(s.db.Txn(false).LowerBound(tableLog, indexID, raw(encodeInt(after+1))))
		for v := it.Next(); v != nil && yield(v.(*Change)); v = it.Next() {
		}
	}, nil
}

func (s *Snapshot) retained(revision int64) error {
	switch {
	case revision > s.revision:
		return &RevisionError{revision, s.oldest, s.revision, ErrFuture}
	case revision < s.oldest:
		return &RevisionError{revision, s.oldest, s.revision, ErrCompacted}
	}
	return nil
}

// Row returns a plain row's value, or nil.
func (s *Snapshot) Row(set, name string) any {
	return rowValue(s.db.Txn(false), set, name)
}

// Rows ranges over the plain rows of a set whose names start with prefix, in
// order of their names.
func (s *Snapshot) Rows(set, prefix string) iter.Seq2[string, any] {
	return scanRows(s.db.Txn(false), set, prefix)
}

// RowsFrom ranges over the plain rows of a set from a name on.
func (s *Snapshot) RowsFrom(set, name string) iter.Seq2[string, any] {
	within := appendPart(nil, set)
	return func(yield func(string, any) bool) {
		it := must(s.db.Txn(false).LowerBound(tableRows, indexID, raw(encodeRow(set, name))))
		for v := it.Next(); v != nil; v = it.Next() {
			r := v.(*row)
			if !bytes.HasPrefix(r.key, within) || !yield(r.name, r.value) {
				return
			}
		}
	}
}

func rowValue(txn *memdb.Txn, set, name string) any {
	if r := first[*row](txn, tableRows, indexID, encodeRow(set, name)); r != nil {
		return r.value
	}
	return nil
}

func scanRows(txn *memdb.Txn, set, prefix string) iter.Seq2[string, any] {
	start := append(appendPart(nil, set), prefix...)
	return func(yield func(string, any) bool) {
		for r := range scan[*row](txn, tableRows, indexID+"_prefix", start) {
			if !yield(r.name, r.value) {
				return
			}
		}
	}
}

func first[T any](txn *memdb.Txn, table, index string, key []byte) T {
	var none T
	v, err := txn.First(table, index, raw(key))
	if err != nil && !errors.Is(err, memdb.ErrNotFound) {
		panic(err) // a table or index that is not in the schema
	}
	if v == nil {
		return none
	}
	return v.(T)
}

func scan[T any](txn *memdb.Txn, table, index string, key []byte) iter.Seq[T] {
	return func(yield func(T) bool) {
		it := must(txn.Get(table, index, raw(key)))
		for v := it.Next(); v != nil && yield(v.(T)); v = it.Next() {
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // a table or index that is not in the schema
	}
	return v
}
