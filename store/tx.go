package store

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Tx is a transaction in progress: the world as it was when it began, and what
// is to be written to it. It reads what it has written.
//
// memdb's own write transactions could be read as well, but copy the nodes that
// they have written once more after each read.
type Tx struct {
	layers
	revision int64 // of the newest change before
	change   *Change
	appended []appended
}

// Revision is the one that an object change in this transaction has or would have.
func (tx *Tx) Revision() int64 { return tx.revision + 1 }

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

// PutRow stores a plain row. Like an object, a value is never changed once stored.
func (tx *Tx) PutRow(set, name string, value any) {
	tx.put(&row{key: encodeRow(set, name), name: name, value: value})
}

// DeleteRow removes a plain row, if it is there.
func (tx *Tx) DeleteRow(set, name string) { tx.remove(encodeRow(set, name)) }

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
