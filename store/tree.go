package store

import (
	"bytes"
	"errors"
	"iter"
	"slices"

	"github.com/hashicorp/go-memdb"
)

// tree is a memdb that nobody writes to any more, and the transaction that all
// its readers share.
type tree struct {
	db     *memdb.MemDB
	reader *memdb.Txn
}

// newTree is an empty one. A snapshot is a database that keeps no watch
// channels: ours would have no watchers (see broadcast.go) and pay for the
// channels at every write.
func newTree() *tree { return freeze(must(memdb.NewMemDB(newSchema())).Snapshot()) }

func freeze(db *memdb.MemDB) *tree { return &tree{db, db.Txn(false)} }

// must is for errors about a schema, a table or an index: those are ours.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (t *tree) get(key []byte) keyed {
	v, err := t.reader.First(tableAll, byKey, raw(key))
	if errors.Is(err, memdb.ErrNotFound) {
		return nil
	}
	k, _ := must(v, err).(keyed)
	return k
}

// scan ranges over the rows whose keys start with prefix, in key order.
func (t *tree) scan(prefix []byte) iter.Seq[keyed] {
	return func(yield func(keyed) bool) {
		it := must(t.reader.Get(tableAll, byKey+"_prefix", raw(prefix)))
		for v := it.Next(); v != nil && yield(v.(keyed)); v = it.Next() {
		}
	}
}

// scanFrom is scan from a key on.
func (t *tree) scanFrom(prefix, from []byte) iter.Seq[keyed] {
	return func(yield func(keyed) bool) {
		it := must(t.reader.LowerBound(tableAll, byKey, raw(from)))
		for v := it.Next(); v != nil; v = it.Next() {
			if k := v.(keyed); !bytes.HasPrefix(k.storeKey(), prefix) || !yield(k) {
				return
			}
		}
	}
}

// with is the tree after writes, the newest of each key. One transaction
// carries them out: nodes that they share are copied once.
func (t *tree) with(writes []write) *tree {
	db := t.db.Snapshot()
	txn := db.Txn(true)
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
		must(w, err)
	}
	txn.Commit()
	return freeze(db)
}

func writtenAgain(later []write, key []byte) bool {
	return slices.ContainsFunc(later, func(w write) bool { return bytes.Equal(w.key, key) })
}
