package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s/store"
)

// counted returns a world in which one pod was written n times: at revision r
// its value is r.
func counted(t testing.TB, n int) *store.Store {
	s := store.New()
	for i := 1; i <= n; i++ {
		write(t, s, pod("a", "x", i), store.AnyRevision)
	}
	return s
}

func TestAtIsTheWorldAfterAWrite(t *testing.T) {
	s := counted(t, 3)
	remove(t, s, "a", "x")

	beginning, err := s.At(0)
	require.NoError(t, err)
	require.Nil(t, beginning.Get(pods, "a", "x"))
	for revision := int64(1); revision <= 3; revision++ {
		at, err := s.At(revision)
		require.NoError(t, err)
		require.Equal(t, revision, at.Revision())
		require.EqualValues(t, revision, at.Get(pods, "a", "x").Value)
		changes, err := at.Changes(revision - 1)
		require.Equal(t, []int64{revision}, revisions(t, changes, err), "the log ends there too")
	}
	end, err := s.At(4)
	require.NoError(t, err)
	require.Nil(t, end.Get(pods, "a", "x"))
}

func TestAtDoesNotSeeRowsWrittenLater(t *testing.T) {
	s := counted(t, 1)
	putRow(t, s, "timers", "x", 1)
	at, err := s.At(1)
	require.NoError(t, err)
	require.Nil(t, at.Row("timers", "x"))
	require.NoError(t, s.Compact(1))
	at, err = s.At(1)
	require.NoError(t, err)
	require.Nil(t, at.Row("timers", "x"), "compaction does not change the past that stays")
}

func TestChanges(t *testing.T) {
	s := store.New()
	origin := store.Origin{Tick: 7, Actor: "admin", Reason: "kubectl create"}
	created := pod("a", "x", 1)
	require.NoError(t, s.Write(func(tx *store.Tx) error { return tx.Put(created, 0, origin) }))
	updated := write(t, s, pod("a", "x", 2), 1)
	remove(t, s, "a", "x")

	snapshot := s.Snapshot()
	changes, err := snapshot.Changes(0)
	require.NoError(t, err)
	var all []*store.Change
	for c := range changes {
		all = append(all, c)
	}
	require.Equal(t, []*store.Change{
		{Revision: 1, Origin: origin, After: created},
		{Revision: 2, Before: created, After: updated},
		{Revision: 3, Before: updated},
	}, all)
	require.Same(t, created, all[0].Object())
	require.Same(t, updated, all[1].Object())
	require.Same(t, updated, all[2].Object(), "a deleted object, as it was")

	for _, want := range all {
		got, err := snapshot.Change(want.Revision)
		require.NoError(t, err)
		require.Same(t, want, got)
	}
	changes, err = snapshot.Changes(2)
	require.Equal(t, []int64{3}, revisions(t, changes, err))
	changes, err = snapshot.Changes(3)
	require.Empty(t, revisions(t, changes, err), "nothing yet, which is no error")
}

func TestFutureRevision(t *testing.T) {
	s := counted(t, 3)
	_, err := s.At(4)
	require.ErrorIs(t, err, store.ErrFuture)
	require.EqualError(t, err, "revision 4: required revision is a future revision (the oldest retained is 0, the newest 3)")
	_, err = s.Snapshot().Changes(4)
	require.ErrorIs(t, err, store.ErrFuture)
	_, err = s.Snapshot().Change(4)
	require.ErrorIs(t, err, store.ErrFuture)
	require.ErrorIs(t, s.Compact(4), store.ErrFuture)
}

func TestNegativeRevision(t *testing.T) {
	s := counted(t, 3)
	_, err := s.At(-1)
	require.ErrorIs(t, err, store.ErrCompacted)
	_, err = s.Snapshot().Changes(-1)
	require.ErrorIs(t, err, store.ErrCompacted)
	_, err = s.Snapshot().Change(0)
	require.ErrorIs(t, err, store.ErrCompacted, "nothing made revision 0")
}

func TestCompact(t *testing.T) {
	s := counted(t, 5)
	before := s.Snapshot()
	require.NoError(t, s.Compact(3))

	_, err := s.At(2)
	require.ErrorIs(t, err, store.ErrCompacted)
	var revision *store.RevisionError
	require.ErrorAs(t, err, &revision)
	require.Equal(t, store.RevisionError{Revision: 2, Oldest: 3, Newest: 5, Err: store.ErrCompacted}, *revision)
	require.EqualError(t, err, "revision 2: required revision has been compacted (the oldest retained is 3, the newest 5)")
	at, err := s.At(3)
	require.NoError(t, err)
	require.Equal(t, 3, at.Get(pods, "a", "x").Value)

	after := s.Snapshot()
	require.EqualValues(t, 4, after.Oldest())
	_, err = after.Changes(2)
	require.ErrorIs(t, err, store.ErrCompacted)
	changes, err := after.Changes(3)
	require.Equal(t, []int64{4, 5}, revisions(t, changes, err))
	_, err = after.Change(3)
	require.ErrorIs(t, err, store.ErrCompacted)
	_, err = after.Change(4)
	require.NoError(t, err)

	require.Equal(t, 5, after.Get(pods, "a", "x").Value, "objects are not touched")
	changes, err = before.Changes(0)
	require.Equal(t, []int64{1, 2, 3, 4, 5}, revisions(t, changes, err), "nor are older snapshots")

	require.ErrorIs(t, s.Compact(2), store.ErrCompacted)
	require.NoError(t, s.Compact(3), "once more is no error")
	write(t, s, pod("a", "x", 6), store.AnyRevision)
	changes, err = s.Snapshot().Changes(3)
	require.Equal(t, []int64{4, 5, 6}, revisions(t, changes, err))
}

func TestCompactEverything(t *testing.T) {
	s := counted(t, 5)
	require.NoError(t, s.Compact(5))
	snapshot := s.Snapshot()
	require.EqualValues(t, 6, snapshot.Oldest())
	changes, err := snapshot.Changes(5)
	require.Empty(t, revisions(t, changes, err))
	_, err = snapshot.Changes(4)
	require.ErrorIs(t, err, store.ErrCompacted)
	at, err := s.At(5)
	require.NoError(t, err)
	require.Equal(t, 5, at.Get(pods, "a", "x").Value)

	require.EqualValues(t, 6, write(t, s, pod("a", "x", 6), 5).ModRevision)
}
