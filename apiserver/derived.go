package apiserver

import (
	"slices"
	"sync/atomic"

	"github.com/minik8s/minik8s/store"
)

// derived is something worked out from some of a world's objects, such as the
// policy that its roles and bindings make. It is worked out again when it is
// asked for after the change log has had news of them. It may be asked from many
// goroutines at once.
type derived[T any] struct {
	concerns func(*store.Change) bool
	work     func(*store.Snapshot) T
	kept     atomic.Pointer[keptResult[T]]
}

// keptResult holds at each revision from made to valid.
type keptResult[T any] struct {
	value T
	made  int64
	valid atomic.Int64
}

func derive[T any](concerns func(*store.Change) bool, work func(*store.Snapshot) T) *derived[T] {
	return &derived[T]{concerns: concerns, work: work}
}

func keep[T any](value T, made, valid int64) *keptResult[T] {
	k := &keptResult[T]{value: value, made: made}
	k.valid.Store(valid)
	return k
}

// of is what is derived from the world as it is now.
func (d *derived[T]) of(st *store.Store) T {
	k := d.kept.Load()
	if k == nil || !d.holdsIn(st, k) {
		snapshot := st.Snapshot()
		k = keep(d.work(snapshot), snapshot.Revision(), snapshot.Revision())
		d.kept.Store(k)
	}
	return k.value
}

// holdsIn says whether nothing has changed that the result depends on.
func (d *derived[T]) holdsIn(st *store.Store, k *keptResult[T]) bool {
	valid := k.valid.Load()
	changes, err := st.ChangesAfter(valid)
	if err != nil || slices.ContainsFunc(changes, d.concerns) {
		return false
	}
	if len(changes) > 0 {
		k.valid.CompareAndSwap(valid, changes[len(changes)-1].Revision)
	}
	return true
}

// in is the same for another world, which shares the past with this one: what is
// kept holds there if it had been made by the time the worlds part.
func (d *derived[T]) in(st *store.Store) *derived[T] {
	other := derive(d.concerns, d.work)
	if k := d.kept.Load(); k != nil && k.made <= st.Revision() {
		other.kept.Store(keep(k.value, k.made, min(k.valid.Load(), st.Revision())))
	}
	return other
}
