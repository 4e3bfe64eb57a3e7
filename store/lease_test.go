package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s/store"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func grant(t testing.TB, s *store.Store, id store.LeaseID, ttl time.Duration, now time.Time) (l *store.EtcdLease) {
	t.Helper()
	require.NoError(t, s.Write(func(tx *store.Tx) error {
		l = tx.Grant(id, ttl, now)
		return nil
	}))
	return l
}

func keepAlive(s *store.Store, id store.LeaseID, now time.Time) error {
	return s.Write(func(tx *store.Tx) error { return tx.KeepAlive(id, now) })
}

func putLeased(t testing.TB, s *store.Store, name string, id store.LeaseID) {
	t.Helper()
	o := pod("a", name, nil)
	o.Lease = id
	write(t, s, o, store.AnyRevision)
}

func all(s *store.Store) []string { return names(s.Snapshot().List(pods, "")) }

func TestGrantTwiceIsTheSameLease(t *testing.T) {
	s := store.New()
	first := grant(t, s, 1, time.Hour, start)
	require.Equal(t, &store.EtcdLease{ID: 1, TTL: time.Hour, Expires: start.Add(time.Hour)}, first)
	require.Same(t, first, grant(t, s, 1, time.Minute, start.Add(time.Second)))

	next, ok := s.Snapshot().NextExpiry()
	require.True(t, ok)
	require.Equal(t, start.Add(time.Hour), next)
	require.EqualValues(t, 0, s.Revision(), "a lease is no object")
}

func TestExpireAtTheVeryMoment(t *testing.T) {
	s := store.New()
	grant(t, s, 1, time.Minute, start)
	grant(t, s, 2, time.Hour, start)
	putLeased(t, s, "x", 1)
	putLeased(t, s, "y", 1)
	putLeased(t, s, "later", 2)
	putLeased(t, s, "never", 0)

	removed, err := s.Expire(start.Add(time.Minute-time.Nanosecond), store.Origin{})
	require.NoError(t, err)
	require.Zero(t, removed)
	require.Len(t, all(s), 4)

	origin := store.Origin{Actor: "etcd", Reason: "the lease has expired"}
	removed, err = s.Expire(start.Add(time.Minute), origin)
	require.NoError(t, err)
	require.Equal(t, 2, removed)
	require.Equal(t, []string{"a/later", "a/never"}, all(s))
	require.EqualValues(t, 6, s.Revision(), "each removal is a write")
	for revision := int64(5); revision <= 6; revision++ {
		c, err := s.Snapshot().Change(revision)
		require.NoError(t, err)
		require.Nil(t, c.After)
		require.Equal(t, origin, c.Origin)
	}

	next, ok := s.Snapshot().NextExpiry()
	require.True(t, ok)
	require.Equal(t, start.Add(time.Hour), next)
	removed, err = s.Expire(start.Add(24*time.Hour), store.Origin{})
	require.NoError(t, err)
	require.Equal(t, 1, removed)
	_, ok = s.Snapshot().NextExpiry()
	require.False(t, ok)
	require.Equal(t, []string{"a/never"}, all(s))
}

func TestKeepAlive(t *testing.T) {
	s := store.New()
	grant(t, s, 1, time.Minute, start)
	putLeased(t, s, "x", 1)
	require.NoError(t, keepAlive(s, 1, start.Add(30*time.Second)))

	removed, err := s.Expire(start.Add(time.Minute), store.Origin{})
	require.NoError(t, err)
	require.Zero(t, removed)
	next, _ := s.Snapshot().NextExpiry()
	require.Equal(t, start.Add(90*time.Second), next)
	require.ErrorIs(t, keepAlive(s, 2, start), store.ErrNotFound)
}

func TestRevoke(t *testing.T) {
	s := store.New()
	grant(t, s, 1, time.Minute, start)
	putLeased(t, s, "x", 1)
	putLeased(t, s, "detached", 1)
	putLeased(t, s, "detached", 0)

	removed, err := s.Revoke(1, store.Origin{})
	require.NoError(t, err)
	require.Equal(t, 1, removed)
	require.Equal(t, []string{"a/detached"}, all(s), "an update without the lease detaches")

	_, err = s.Revoke(1, store.Origin{})
	require.ErrorIs(t, err, store.ErrNotFound)
	require.ErrorIs(t, keepAlive(s, 1, start), store.ErrNotFound)
	_, ok := s.Snapshot().NextExpiry()
	require.False(t, ok)
}

func TestLeasesAreForkedToo(t *testing.T) {
	s := store.New()
	grant(t, s, 1, time.Minute, start)
	putLeased(t, s, "x", 1)
	fork := s.Fork()
	require.NoError(t, keepAlive(fork, 1, start.Add(30*time.Second)))

	removed, err := s.Expire(start.Add(time.Minute), store.Origin{})
	require.NoError(t, err)
	require.Equal(t, 1, removed)
	removed, err = fork.Expire(start.Add(time.Minute), store.Origin{})
	require.NoError(t, err)
	require.Zero(t, removed)
	require.Equal(t, []string{"a/x"}, all(fork))
}
