package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s/store"
)

func TestEachWriteIsOneRevision(t *testing.T) {
	s := store.New()
	require.EqualValues(t, 0, s.Revision())

	a := write(t, s, pod("a", "x", 1), 0)
	b := write(t, s, pod("a", "y", 1), 0)
	again := write(t, s, pod("a", "x", 2), a.ModRevision)

	type metadata struct{ create, mod, version int64 }
	of := func(o *store.Object) metadata { return metadata{o.CreateRevision, o.ModRevision, o.Version} }
	require.Equal(t, metadata{1, 1, 1}, of(a), "the old state is as it was")
	require.Equal(t, metadata{2, 2, 1}, of(b))
	require.Equal(t, metadata{1, 3, 2}, of(again))
	require.EqualValues(t, 3, s.Revision())
	require.Same(t, again, s.Snapshot().Get(pods, "a", "x"))

	remove(t, s, "a", "x")
	require.EqualValues(t, 4, s.Revision(), "a deletion is a write too")
	require.Nil(t, s.Snapshot().Get(pods, "a", "x"))
	require.Equal(t, metadata{5, 5, 1}, of(write(t, s, pod("a", "x", 3), 0)), "a new object of an old name starts again")
}

func TestCompareAndSwap(t *testing.T) {
	tests := []struct {
		name     string
		do       func(*store.Store) error
		expected error
	}{
		{"create", func(s *store.Store) error { return try(s, pod("a", "new", 1), 0) }, nil},
		{"create what is there", func(s *store.Store) error { return try(s, pod("a", "x", 1), 0) }, store.ErrExists},
		{"update the current one", func(s *store.Store) error { return try(s, pod("a", "x", 1), 2) }, nil},
		{"update an older one", func(s *store.Store) error { return try(s, pod("a", "x", 1), 1) }, store.ErrConflict},
		{"update one that is yet to come", func(s *store.Store) error { return try(s, pod("a", "x", 1), 3) }, store.ErrConflict},
		{"update what is not there", func(s *store.Store) error { return try(s, pod("a", "new", 1), 2) }, store.ErrNotFound},
		{"overwrite", func(s *store.Store) error { return try(s, pod("a", "x", 1), store.AnyRevision) }, nil},
		{"overwrite nothing", func(s *store.Store) error { return try(s, pod("a", "new", 1), store.AnyRevision) }, nil},
		{"delete the current one", func(s *store.Store) error { return tryRemove(s, "a", "x", 2) }, nil},
		{"delete an older one", func(s *store.Store) error { return tryRemove(s, "a", "x", 1) }, store.ErrConflict},
		{"delete any", func(s *store.Store) error { return tryRemove(s, "a", "x", store.AnyRevision) }, nil},
		{"delete what is not there", func(s *store.Store) error { return tryRemove(s, "a", "new", store.AnyRevision) }, store.ErrNotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := store.New()
			write(t, s, pod("a", "x", 1), 0)
			write(t, s, pod("a", "x", 2), 1)

			err := tt.do(s)
			require.ErrorIs(t, err, tt.expected)
			if tt.expected != nil {
				require.EqualValues(t, 2, s.Revision(), "a refused write is no write")
			} else {
				require.EqualValues(t, 3, s.Revision())
			}
		})
	}
}

func TestFailedTransactionLeavesNoTrace(t *testing.T) {
	s := store.New()
	write(t, s, pod("a", "x", 1), 0)
	putRow(t, s, "timers", "kept", 1)
	news := s.News()
	failed := errors.New("on second thoughts")

	attempt := func(end func() error) error {
		return s.Write(func(tx *store.Tx) error {
			tx.PutRow("timers", "new", 1)
			tx.DeleteRow("timers", "kept")
			o := pod("a", "x", 2)
			o.Owners, o.Node = []string{"uid"}, "node-1"
			require.NoError(t, tx.Put(o, 1, store.Origin{}))
			require.Equal(t, o, tx.Get(pods, "a", "x"), "a transaction reads what it has written")
			require.Equal(t, 1, tx.Row("timers", "new"))
			require.Nil(t, tx.Row("timers", "kept"))
			return end()
		})
	}
	require.ErrorIs(t, attempt(func() error { return failed }), failed)
	require.Panics(t, func() { _ = attempt(func() error { panic("a bug") }) })

	snapshot := s.Snapshot()
	require.EqualValues(t, 1, snapshot.Revision())
	require.Equal(t, 1, snapshot.Get(pods, "a", "x").Value)
	require.Empty(t, names(snapshot.ListOwned("uid")))
	require.Empty(t, names(snapshot.ListOnNode("node-1")))
	require.Nil(t, snapshot.Row("timers", "new"))
	require.Equal(t, 1, snapshot.Row("timers", "kept"))
	require.False(t, closed(news))
	require.NoError(t, try(s, pod("a", "x", 2), 1), "the next writer can go on")
}

func TestTwoObjectsInOneTransactionIsABug(t *testing.T) {
	s := store.New()
	require.Panics(t, func() {
		_ = s.Write(func(tx *store.Tx) error {
			require.NoError(t, tx.Put(pod("a", "x", 1), 0, store.Origin{}))
			return tx.Put(pod("a", "y", 1), 0, store.Origin{})
		})
	})
	require.EqualValues(t, 0, s.Revision())
}

func TestRowsAloneAreNoRevision(t *testing.T) {
	s := store.New()
	news := s.News()
	putRow(t, s, "timers", "x", 1)
	require.EqualValues(t, 0, s.Revision())
	require.Equal(t, 1, s.Snapshot().Row("timers", "x"))
	require.False(t, closed(news), "only objects are news")
}

func closed(news <-chan struct{}) bool {
	select {
	case <-news:
		return true
	default:
		return false
	}
}

func TestNewsIsClosedByTheNextWrite(t *testing.T) {
	s := store.New()
	first := s.News()
	require.False(t, closed(first))
	write(t, s, pod("a", "x", 1), 0)
	require.True(t, closed(first))

	second := s.News()
	require.False(t, closed(second))
	remove(t, s, "a", "x")
	require.True(t, closed(second))
}

// A watcher that takes News first and reads the log after sees every change,
// whoever writes meanwhile; and writers never share a revision.
func TestWatcherMissesNothing(t *testing.T) {
	const writers, each = 4, 200
	s := store.New()
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := range each {
				if err := try(s, pod("a", fmt.Sprint(w, "-", i), i), 0); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var seen []int64
	for position := int64(0); position < writers*each; {
		news := s.News()
		snapshot := s.Snapshot()
		changes, err := snapshot.Changes(position)
		seen = append(seen, revisions(t, changes, err)...)
		if position = snapshot.Revision(); position < writers*each {
			<-news
		}
	}
	writing.Wait()
	require.Len(t, seen, writers*each)
	for i, revision := range seen {
		require.EqualValues(t, i+1, revision)
	}
}
