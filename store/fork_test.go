package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s/store"
)

func TestForkGoesItsOwnWay(t *testing.T) {
	s := counted(t, 2)
	putRow(t, s, "timers", "x", "shared")
	fork := s.Fork()
	require.EqualValues(t, 2, fork.Revision())
	require.Equal(t, "shared", fork.Snapshot().Row("timers", "x"))

	// Both have another revision 3, and neither hears of the other's.
	mine, theirs := s.News(), fork.News()
	write(t, fork, pod("a", "x", "fork"), 2)
	putRow(t, fork, "timers", "x", "fork")
	require.True(t, closed(theirs))
	require.False(t, closed(mine))
	write(t, s, pod("a", "x", "origin"), 2)
	write(t, s, pod("a", "y", "origin"), 0)

	require.Equal(t, "origin", valueAt(t, s, 3))
	require.Equal(t, "fork", valueAt(t, fork, 3))
	require.Equal(t, "shared", s.Snapshot().Row("timers", "x"))
	require.Nil(t, fork.Snapshot().Get(pods, "a", "y"))
	require.EqualValues(t, 4, s.Revision())
	require.EqualValues(t, 3, fork.Revision())
	for revision := int64(1); revision <= 2; revision++ {
		require.EqualValues(t, revision, valueAt(t, fork, revision), "they have the same past")
	}
	c, err := fork.Snapshot().Change(3)
	require.NoError(t, err)
	require.Equal(t, "fork", c.After.Value)
}

func valueAt(t *testing.T, s *store.Store, revision int64) any {
	t.Helper()
	at, err := s.At(revision)
	require.NoError(t, err)
	return at.Get(pods, "a", "x").Value
}

func TestForkKeepsItsHistoryWhenTheOtherIsCompacted(t *testing.T) {
	s := counted(t, 5)
	fork := s.Fork()
	require.NoError(t, s.Compact(4))
	require.EqualValues(t, 2, valueAt(t, fork, 2))
	changes, err := fork.Snapshot().Changes(0)
	require.Len(t, revisions(t, changes, err), 5)

	require.NoError(t, fork.Compact(5))
	require.EqualValues(t, 4, valueAt(t, s, 4))
}

func TestForkAtForgetsWhatCameAfter(t *testing.T) {
	s := counted(t, 5)
	at, err := s.At(3)
	require.NoError(t, err)
	fork := s.ForkAt(at)

	require.EqualValues(t, 3, fork.Revision())
	_, err = fork.At(4)
	require.ErrorIs(t, err, store.ErrFuture)
	write(t, fork, pod("a", "x", "other"), 3)
	require.Equal(t, "other", valueAt(t, fork, 4))
	require.Equal(t, 4, valueAt(t, s, 4))
	require.Equal(t, 5, valueAt(t, s, 5))
	require.Equal(t, 3, at.Get(pods, "a", "x").Value, "nor is the snapshot written to")
	require.Equal(t, 3, valueAt(t, fork, 3))
	require.Equal(t, 1, valueAt(t, fork, 1))
}

func TestForkAtHasTheRowsOfItsSnapshot(t *testing.T) {
	s := counted(t, 1)
	putRow(t, s, "timers", "x", 1)
	at := s.Snapshot()
	putRow(t, s, "timers", "x", 2)
	require.Equal(t, 1, s.ForkAt(at).Snapshot().Row("timers", "x"))
}

// A snapshot outlives the compaction of its revision, and a fork of it has no
// past.
func TestForkAtACompactedRevision(t *testing.T) {
	s := counted(t, 5)
	at, err := s.At(2)
	require.NoError(t, err)
	require.NoError(t, s.Compact(4))
	fork := s.ForkAt(at)

	require.EqualValues(t, 2, fork.Revision())
	require.Equal(t, 2, valueAt(t, fork, 2))
	_, err = fork.At(1)
	require.ErrorIs(t, err, store.ErrCompacted)
	require.EqualValues(t, 3, write(t, fork, pod("a", "x", "other"), 2).ModRevision)
	changes, err := fork.Snapshot().Changes(2)
	require.Equal(t, []int64{3}, revisions(t, changes, err))
}
