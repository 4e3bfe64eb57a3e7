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
	db    *memdb.MemDB
	reads *memdb.Txn // on db; any number of readers may share it
	log   changeLog
	loose []write // plain rows in db that are newer than the log
}

func newSnapshot(db *memdb.MemDB, log changeLog, loose []write) *Snapshot {
	return &Snapshot{db, db.Txn(false), log, loose}
}

// Revision is that of the newest write in the snapshot.
func (s *Snapshot) Revision() int64 { return s.log.newest() }

// Get returns an object, or nil.
func (s *Snapshot) Get(gr schema.GroupResource, namespace, name string) *Object {
	return first[*Object](s.reads, encodeKey(gr, namespace, name))
}

// List ranges over the objects of a resource in key order; an empty namespace
// means all of them.
func (s *Snapshot) List(gr schema.GroupResource, namespace string) iter.Seq[*Object] {
	prefix := appendResource(nil, gr)
	if namespace != "" {
		prefix = appendPart(prefix, namespace)
	}
	return scan[*Object](s.reads, prefix)
}

// all ranges over all objects.
func (s *Snapshot) all() iter.Seq[*Object] { return scan[*Object](s.reads, []byte{objectKeys}) }

// ListFrom is List from the first key after namespace/name on, for reading a
// long list in pieces.
func (s *Snapshot) ListFrom(gr schema.GroupResource, within, namespace, name string) iter.Seq[*Object] {
	return afterKey(gr, within, namespace, name, func(prefix, from []byte) iter.Seq[keyed] {
		return scanFrom(s.reads, prefix, from)
	})
}

// afterKey ranges over the objects of a resource after a key, by means of scan.
func afterKey(gr schema.GroupResource, within, namespace, name string, scan func(prefix, from []byte) iter.Seq[keyed]) iter.Seq[*Object] {
	prefix := appendResource(nil, gr)
	if within != "" {
		prefix = appendPart(prefix, within)
	}
	after := encodeKey(gr, namespace, name)
	from := after
	if bytes.Compare(from, prefix) < 0 {
		from = prefix
	}
	return func(yield func(*Object) bool) {
		for k := range scan(prefix, from) {
			if o := k.(*Object); !bytes.Equal(o.key, after) && !yield(o) {
				return
			}
		}
	}
}

// ListOwned ranges over the objects of all kinds that name uid as an owner,
// in key order.
func (s *Snapshot) ListOwned(uid string) iter.Seq[*Object] { return s.found(byOwner(uid)) }

// ListOnNode ranges over the objects that are bound to a node, in key order.
func (s *Snapshot) ListOnNode(node string) iter.Seq[*Object] { return s.found(byNode(node)) }

// found ranges over the objects that the index has under by.
func (s *Snapshot) found(by entry) iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		for e := range scan[entry](s.reads, by) {
			if !yield(first[*Object](s.reads, e[len(by):])) {
				return
			}
		}
	}
}

// Row returns a plain row's value, or nil.
func (s *Snapshot) Row(set, name string) any {
	return rowValue(s.reads, set, name)
}

// Rows ranges over the plain rows of a set whose names start with prefix, in
// order of their names.
func (s *Snapshot) Rows(set, prefix string) iter.Seq2[string, any] {
	return scanRows(s.reads, set, prefix)
}

// RowsFrom ranges over the plain rows of a set from a name on.
func (s *Snapshot) RowsFrom(set, name string) iter.Seq2[string, any] {
	return namedRows(scanFrom(s.reads, appendSet(0, set), encodeRow(set, name)))
}

func rowValue(txn *memdb.Txn, set, name string) any {
	if r := first[*row](txn, encodeRow(set, name)); r != nil {
		return r.value
	}
	return nil
}

func scanRows(txn *memdb.Txn, set, prefix string) iter.Seq2[string, any] {
	start := append(appendSet(len(prefix), set), prefix...)
	return namedRows(scanFrom(txn, start, start))
}

func namedRows(rows iter.Seq[keyed]) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		for k := range rows {
			if r := k.(*row); !yield(r.name, r.value) {
				return
			}
		}
	}
}

// first is the row with a key, or T's zero value.
func first[T any](txn *memdb.Txn, key []byte) T {
	var none T
	v, err := txn.First(tableAll, byKey, raw(key))
	if err != nil && !errors.Is(err, memdb.ErrNotFound) {
		panic(err) // a table or index that is not in the schema
	}
	if v == nil {
		return none
	}
	return v.(T)
}

// scan ranges over the rows whose keys start with prefix, in key order.
func scan[T any](txn *memdb.Txn, prefix []byte) iter.Seq[T] {
	return func(yield func(T) bool) {
		it := must(txn.Get(tableAll, byKey+"_prefix", raw(prefix)))
		for v := it.Next(); v != nil && yield(v.(T)); v = it.Next() {
		}
	}
}

// scanFrom is scan from a key on.
func scanFrom(txn *memdb.Txn, prefix, from []byte) iter.Seq[keyed] {
	return func(yield func(keyed) bool) {
		it := must(txn.LowerBound(tableAll, byKey, raw(from)))
		for v := it.Next(); v != nil; v = it.Next() {
			if k := v.(keyed); !bytes.HasPrefix(k.storeKey(), prefix) || !yield(k) {
				return
			}
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // a table or index that is not in the schema
	}
	return v
}
