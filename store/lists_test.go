package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s/store"
)

func appendTurn(t testing.TB, s *store.Store, value any) {
	t.Helper()
	require.NoError(t, s.Write(func(tx *store.Tx) error { tx.Append(store.Turns, value); return nil }))
}

// turns are the retained entries of a list, by number.
func turns(s *store.Snapshot, from int64) map[int64]any {
	all := map[int64]any{}
	for n, v := range s.EntriesFrom(store.Turns, from) {
		all[n] = v
	}
	return all
}

// twoTurns is a world in which "a" came before the object and "b" after it.
func twoTurns(t testing.TB) *store.Store {
	s := store.New()
	appendTurn(t, s, "a")
	write(t, s, &store.Object{Resource: pods, Namespace: "default", Name: "x"}, 0)
	appendTurn(t, s, "b")
	return s
}

func TestListsAreNumberedFromOne(t *testing.T) {
	s := twoTurns(t).Snapshot()
	require.Equal(t, map[int64]any{1: "a", 2: "b"}, turns(s, 0))
	require.Equal(t, map[int64]any{2: "b"}, turns(s, 2))
	require.Empty(t, turns(s, 3))
	require.Equal(t, "a", s.Entry(store.Turns, 1))
	require.Nil(t, s.Entry(store.Turns, 0))
	require.Nil(t, s.Entry(store.Turns, 3))
	require.EqualValues(t, 2, s.Newest(store.Turns))
	require.Zero(t, s.Newest(store.Inputs), "the other list has nothing to do with it")
}

func TestAPastWorldHasTheListsOfItsTime(t *testing.T) {
	s := twoTurns(t)
	write(t, s, &store.Object{Resource: pods, Namespace: "default", Name: "y"}, 0)
	at, err := s.At(1)
	require.NoError(t, err)
	require.Equal(t, map[int64]any{1: "a"}, turns(at, 0), "what came after the revision belongs to the next one")
	at, err = s.At(2)
	require.NoError(t, err)
	require.Equal(t, map[int64]any{1: "a", 2: "b"}, turns(at, 0))
}

func TestAForkHasListsOfItsOwn(t *testing.T) {
	s := twoTurns(t)
	at, err := s.At(1)
	require.NoError(t, err)
	fork := s.ForkAt(at)
	appendTurn(t, fork, "c")
	appendTurn(t, s, "d")
	require.Equal(t, map[int64]any{1: "a", 2: "c"}, turns(fork.Snapshot(), 0))
	require.Equal(t, map[int64]any{1: "a", 2: "b", 3: "d"}, turns(s.Snapshot(), 0))
}

func TestForgettingKeepsTheNumbers(t *testing.T) {
	s := twoTurns(t)
	before := s.Snapshot()
	s.Forget(store.Turns, 2)
	appendTurn(t, s, "c")
	require.Equal(t, map[int64]any{2: "b", 3: "c"}, turns(s.Snapshot(), 0))
	require.Nil(t, s.Snapshot().Entry(store.Turns, 1))
	s.Forget(store.Turns, 10)
	appendTurn(t, s, "d")
	require.Equal(t, map[int64]any{4: "d"}, turns(s.Snapshot(), 0))
	require.Equal(t, map[int64]any{1: "a", 2: "b"}, turns(before, 0), "a snapshot keeps what it has")
}

func TestAWriteThatFailsAppendsNothing(t *testing.T) {
	s := twoTurns(t)
	require.Error(t, s.Write(func(tx *store.Tx) error {
		tx.Append(store.Turns, "c")
		return store.ErrConflict
	}))
	require.EqualValues(t, 2, s.Snapshot().Newest(store.Turns))
}
