package store

import (
	"bytes"
	"errors"
	"iter"
	"slices"

	"github.com/hashicorp/go-memdb"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Tx is a transaction in progress: the world as it was when it began, and a
// list of what is to be written to it. It reads what it has written.
//
// memdb's own write transactions could be read as well, but copy the nodes that
// they have written once more after each read.
type Tx struct {
	base     *memdb.Txn
	before   []write // what is not in base yet
	revision int64   // of the newest change before
	writes   []write
	byKey    map[string]int // where in writes; nil while they are few
	change   *Change
}

// write is a row that takes the place of the one with its key, or, without a
// row, removes that.
type write struct {
	key []byte
	row keyed
}

// fewWrites can be searched one by one.
const fewWrites = 8

// Revision is the one that an object change in this transaction has or would have.
func (tx *Tx) Revision() int64 { return tx.revision + 1 }

// ListFrom is Snapshot.ListFrom.
func (tx *Tx) ListFrom(gr schema.GroupResource, within, namespace, name string) iter.Seq[*Object] {
	return afterKey(gr, within, namespace, name, tx.scanFrom)
}

// Get returns an object, or nil.
func (tx *Tx) Get(gr schema.GroupResource, namespace, name string) *Object {
	return tx.object(encodeKey(gr, namespace, name))
}

func (tx *Tx) object(key []byte) *Object {
	o, _ := tx.read(key).(*Object)
	return o
}

// AnyRevision as the expected revision of Put and Delete: overwrite whatever
// is there.
const AnyRevision int64 = -1

// Put stores an object if the one in its place has the expected ModRevision:
// zero for none. It sets o's revisions and version. Errors: ErrExists,
// ErrConflict, ErrNotFound.
func (tx *Tx) Put(o *Object, expected int64, origin Origin) error {
	o.key = encodeKey(o.Resource, o.Namespace, o.Name)
	before := tx.object(o.key)
	if err := compare(before, expected); err != nil {
		return err
	}
	o.ModRevision = tx.Revision()
	o.CreateRevision, o.Version = o.ModRevision, 1
	if before != nil {
		o.CreateRevision, o.Version = before.CreateRevision, before.Version+1
	}
	tx.log(&Change{Revision: o.ModRevision, Origin: origin, Before: before, After: o})
	tx.put(o)
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
	tx.remove(before.key)
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
			tx.remove(e)
		}
	}
	if after != nil {
		for _, e := range after.entries() {
			tx.put(e)
		}
	}
}

// Row returns a plain row's value, or nil.
func (tx *Tx) Row(set, name string) any {
	if r, ok := tx.read(encodeRow(set, name)).(*row); ok {
		return r.value
	}
	return nil
}

// Rows is Snapshot.Rows.
func (tx *Tx) Rows(set, prefix string) iter.Seq2[string, any] {
	start := append(appendSet(len(prefix), set), prefix...)
	return namedRows(tx.scanFrom(start, start))
}

// PutRow stores a plain row. Like an object, a value is never changed once stored.
func (tx *Tx) PutRow(set, name string, value any) {
	tx.put(&row{key: encodeRow(set, name), name: name, value: value})
}

// DeleteRow removes a plain row, if it is there.
func (tx *Tx) DeleteRow(set, name string) { tx.remove(encodeRow(set, name)) }

func (tx *Tx) read(key []byte) keyed {
	if i := tx.written(key); i >= 0 {
		return tx.writes[i].row
	}
	for i := len(tx.before) - 1; i >= 0; i-- {
		if bytes.Equal(tx.before[i].key, key) {
			return tx.before[i].row
		}
	}
	return first[keyed](tx.base, key)
}

// scanFrom ranges over base, with the writes in their places.
func (tx *Tx) scanFrom(prefix, from []byte) iter.Seq[keyed] {
	fresh := tx.fresh(prefix, from)
	return func(yield func(keyed) bool) {
		for k := range scanFrom(tx.base, prefix, from) {
			for len(fresh) > 0 && bytes.Compare(fresh[0].key, k.storeKey()) < 0 {
				if fresh[0].row != nil && !yield(fresh[0].row) {
					return
				}
				fresh = fresh[1:]
			}
			if len(fresh) > 0 && bytes.Equal(fresh[0].key, k.storeKey()) {
				if k, fresh = fresh[0].row, fresh[1:]; k == nil {
					continue
				}
			}
			if !yield(k) {
				return
			}
		}
		for _, w := range fresh {
			if w.row != nil && !yield(w.row) {
				return
			}
		}
	}
}

// fresh are the writes that are not in base, by key, the newest of each.
func (tx *Tx) fresh(prefix, from []byte) []write {
	var all []write
	for _, writes := range [][]write{tx.before, tx.writes} {
		for _, w := range writes {
			if bytes.HasPrefix(w.key, prefix) && bytes.Compare(w.key, from) >= 0 {
				all = append(all, w)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b write) int { return bytes.Compare(a.key, b.key) })
	newest := all[:0]
	for i, w := range all {
		if i+1 == len(all) || !bytes.Equal(w.key, all[i+1].key) {
			newest = append(newest, w)
		}
	}
	return newest
}

func (tx *Tx) put(r keyed)       { tx.set(write{r.storeKey(), r}) }
func (tx *Tx) remove(key []byte) { tx.set(write{key, nil}) }

func (tx *Tx) set(w write) {
	if i := tx.written(w.key); i >= 0 {
		tx.writes[i] = w
		return
	}
	tx.writes = append(tx.writes, w)
	switch n := len(tx.writes); {
	case tx.byKey != nil:
		tx.byKey[string(w.key)] = n - 1
	case n > fewWrites:
		tx.byKey = make(map[string]int, 4*n)
		for i, w := range tx.writes {
			tx.byKey[string(w.key)] = i
		}
	}
}

// written is where in writes a key is, or -1.
func (tx *Tx) written(key []byte) int {
	if tx.byKey != nil {
		if i, ok := tx.byKey[string(key)]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(tx.writes, func(w write) bool { return bytes.Equal(w.key, key) })
}

// apply carries out writes, the newest of each key.
func apply(txn *memdb.Txn, writes []write) {
	for i, w := range writes {
		if len(writes) <= maxPending && writtenAgain(writes[i+1:], w.key) {
			continue
		}
		var err error
		if w.row != nil {
			err = txn.Insert(tableAll, w.row)
		} else if err = txn.Delete(tableAll, entry(w.key)); errors.Is(err, memdb.ErrNotFound) {
			err = nil
		}
		if err != nil {
			panic(err) // a table that is not in the schema
		}
	}
}

func writtenAgain(later []write, key []byte) bool {
	return slices.ContainsFunc(later, func(w write) bool { return bytes.Equal(w.key, key) })
}
