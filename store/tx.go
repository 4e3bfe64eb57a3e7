package store

import (
	"errors"
	"iter"

	"github.com/hashicorp/go-memdb"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Tx is a transaction in progress. It reads what it has written.
type Tx struct {
	txn    *memdb.Txn
	base   int64
	change *Change
}

// Revision is the one that an object change in this transaction has or would have.
func (tx *Tx) Revision() int64 { return tx.base + 1 }

// Get returns an object, or nil.
func (tx *Tx) Get(gr schema.GroupResource, namespace, name string) *Object {
	return first[*Object](tx.txn, tableObjects, encodeKey(gr, namespace, name))
}

// AnyRevision as the expected revision of Put and Delete: overwrite whatever
// is there.
const AnyRevision int64 = -1

// Put stores an object if the one in its place has the expected ModRevision:
// zero for none. It sets o's revisions and version. Errors: ErrExists,
// ErrConflict, ErrNotFound.
func (tx *Tx) Put(o *Object, expected int64, origin Origin) error {
	o.key = encodeKey(o.Resource, o.Namespace, o.Name)
	before := first[*Object](tx.txn, tableObjects, o.key)
	if err := compare(before, expected); err != nil {
		return err
	}
	o.ModRevision = tx.Revision()
	o.CreateRevision, o.Version = o.ModRevision, 1
	if before != nil {
		o.CreateRevision, o.Version = before.CreateRevision, before.Version+1
	}
	tx.log(&Change{Revision: o.ModRevision, Origin: origin, Before: before, After: o})
	tx.insert(tableObjects, o)
	tx.reindex(before, o)
	return nil
}

// Delete removes an object if it has the expected ModRevision. Errors:
// ErrNotFound, ErrConflict.
func (tx *Tx) Delete(gr schema.GroupResource, namespace, name string, expected int64, origin Origin) error {
	before := tx.Get(gr, namespace, name)
	if before == nil {
		return ErrNotFound
	}
	if err := compare(before, expected); err != nil {
		return err
	}
	tx.log(&Change{Revision: tx.Revision(), Origin: origin, Before: before})
	tx.remove(tableObjects, before)
	tx.reindex(before, nil)
	return nil
}

func compare(before *Object, expected int64) error {
	switch {
	case expected == AnyRevision:
		return nil
	case before == nil && expected != 0:
		return ErrNotFound
	case before != nil && expected == 0:
		return ErrExists
	case before != nil && before.ModRevision != expected:
		return ErrConflict
	}
	return nil
}

func (tx *Tx) log(c *Change) {
	if tx.change != nil {
		panic("store: a second object change in one transaction")
	}
	tx.change = c
}

// reindex moves the index from one state of an object to the next.
func (tx *Tx) reindex(before, after *Object) {
	if before != nil && after != nil && before.indexedLike(after) {
		return
	}
	if before != nil {
		for _, e := range before.entries() {
			tx.remove(tableIndex, e)
		}
	}
	if after != nil {
		for _, e := range after.entries() {
			tx.insert(tableIndex, e)
		}
	}
}

// Row returns a plain row's value, or nil.
func (tx *Tx) Row(set, name string) any { return rowValue(tx.txn, set, name) }

// Rows ranges over the plain rows of a set whose names start with prefix, in
// order of their names. The rows must not be changed meanwhile.
func (tx *Tx) Rows(set, prefix string) iter.Seq2[string, any] { return scanRows(tx.txn, set, prefix) }

// PutRow stores a plain row. Like an object, a value is never changed once stored.
func (tx *Tx) PutRow(set, name string, value any) {
	tx.insert(tableRows, &row{key: encodeRow(set, name), name: name, value: value})
}

// DeleteRow removes a plain row, if it is there.
func (tx *Tx) DeleteRow(set, name string) {
	tx.remove(tableRows, &row{key: encodeRow(set, name)})
}

func (tx *Tx) insert(table string, v any) {
	if err := tx.txn.Insert(table, v); err != nil {
		panic(err) // a table that is not in the schema
	}
}

// remove does not look first whether v is there: after a read, memdb no longer
// knows which nodes a transaction has copied, and copies them once more.
func (tx *Tx) remove(table string, v any) {
	if err := tx.txn.Delete(table, v); err != nil && !errors.Is(err, memdb.ErrNotFound) {
		panic(err) // a table that is not in the schema
	}
}
