package store

import (
	"bytes"
	"iter"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// layers is a world to read: a tree, and writes on top of it that are not in
// the tree yet. A transaction adds its own to them. To change the tree for
// each write would copy the nodes near its root every time.
type layers struct {
	tree   *tree
	before []write // oldest first
	writes []write // after those, one for each key
	byKey  map[string]int
}

// write is a row that takes the place of the one with its key, or, without a
// row, removes that.
type write struct {
	key []byte
	row keyed
}

// fewWrites can be searched one by one.
const fewWrites = 8

// Get returns an object, or nil.
func (l *layers) Get(gr schema.GroupResource, namespace, name string) *Object {
	return l.object(encodeKey(gr, namespace, name))
}

func (l *layers) object(key []byte) *Object {
	o, _ := l.read(key).(*Object)
	return o
}

// List ranges over the objects of a resource in key order; an empty namespace
// means all of them.
func (l *layers) List(gr schema.GroupResource, namespace string) iter.Seq[*Object] {
	prefix := appendResource(make([]byte, 0, len(gr.Resource)+len(gr.Group)+len(namespace)+4), gr)
	if namespace != "" {
		prefix = appendPart(prefix, namespace)
	}
	return objects(l.scan(prefix))
}

// ListFrom is List from the first key after namespace/name on, for reading a
// long list in pieces.
func (l *layers) ListFrom(gr schema.GroupResource, within, namespace, name string) iter.Seq[*Object] {
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
		for o := range objects(l.scanFrom(prefix, from)) {
			if !bytes.Equal(o.key, after) && !yield(o) {
				return
			}
		}
	}
}

// ListOwned ranges over the objects of all kinds that name uid as an owner,
// in key order.
func (l *layers) ListOwned(uid string) iter.Seq[*Object] { return l.found(byOwner(uid)) }

// ListOnNode ranges over the objects that are bound to a node, in key order.
func (l *layers) ListOnNode(node string) iter.Seq[*Object] { return l.found(byNode(node)) }

// found ranges over the objects that the index has under by.
func (l *layers) found(by entry) iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		for e := range l.scan(by) {
			if !yield(l.object(e.(entry)[len(by):])) {
				return
			}
		}
	}
}

// Row returns a plain row's value, or nil.
func (l *layers) Row(set, name string) any {
	if r, ok := l.read(encodeRow(set, name)).(*row); ok {
		return r.value
	}
	return nil
}

// Rows ranges over the plain rows of a set whose names start with prefix, in
// order of their names.
func (l *layers) Rows(set, prefix string) iter.Seq2[string, any] {
	return namedRows(l.scan(append(appendSet(len(prefix), set), prefix...)))
}

// RowsFrom ranges over the plain rows of a set from a name on.
func (l *layers) RowsFrom(set, name string) iter.Seq2[string, any] {
	return namedRows(l.scanFrom(appendSet(0, set), encodeRow(set, name)))
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

func objects(rows iter.Seq[keyed]) iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		for k := range rows {
			if !yield(k.(*Object)) {
				return
			}
		}
	}
}

func (l *layers) read(key []byte) keyed {
	if i := l.written(key); i >= 0 {
		return l.writes[i].row
	}
	for i := len(l.before) - 1; i >= 0; i-- {
		if bytes.Equal(l.before[i].key, key) {
			return l.before[i].row
		}
	}
	return l.tree.get(key)
}

// written is where in writes a key is, or -1.
func (l *layers) written(key []byte) int {
	if l.byKey != nil {
		if i, ok := l.byKey[string(key)]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(l.writes, func(w write) bool { return bytes.Equal(w.key, key) })
}

// scan ranges over the rows whose keys start with prefix, in key order.
func (l *layers) scan(prefix []byte) iter.Seq[keyed] {
	fresh := l.fresh(prefix, prefix)
	return over(l.tree.scan(prefix), fresh)
}

// scanFrom is scan from a key on.
func (l *layers) scanFrom(prefix, from []byte) iter.Seq[keyed] {
	fresh := l.fresh(prefix, from)
	return over(l.tree.scanFrom(prefix, from), fresh)
}

// fresh are the writes that are not in the tree, by key, the newest of each.
func (l *layers) fresh(prefix, from []byte) []write {
	var all []write
	for _, writes := range [...][]write{l.before, l.writes} {
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

// over puts writes in their places among the rows of a tree.
func over(tree iter.Seq[keyed], fresh []write) iter.Seq[keyed] {
	if len(fresh) == 0 {
		return tree
	}
	return func(yield func(keyed) bool) {
		fresh := fresh
		for k := range tree {
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
