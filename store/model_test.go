package store_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s/store"
)

// model is a store without any cleverness: it keeps a full copy of each
// revision.
type model struct {
	compacted int
	worlds    []modelWorld // by revision
}

type modelWorld map[string]modelObject // by "namespace/name"

type modelObject struct {
	value        int
	owners, node string
	mod, version int64
}

func (m *model) newest() modelWorld { return m.worlds[len(m.worlds)-1] }

func (m *model) fork() *model { return &model{m.compacted, slices.Clone(m.worlds)} }

func (m *model) put(key string, o modelObject, expected int64) error {
	before, ok := m.newest()[key]
	switch {
	case expected == store.AnyRevision:
	case !ok && expected != 0:
		return store.ErrNotFound
	case ok && expected == 0:
		return store.ErrExists
	case ok && expected != before.mod:
		return store.ErrConflict
	}
	next := maps.Clone(m.newest())
	o.mod, o.version = int64(len(m.worlds)), before.version+1
	next[key] = o
	m.worlds = append(m.worlds, next)
	return nil
}

func (m *model) delete(key string) error {
	if _, ok := m.newest()[key]; !ok {
		return store.ErrNotFound
	}
	next := maps.Clone(m.newest())
	delete(next, key)
	m.worlds = append(m.worlds, next)
	return nil
}

// keys are those of the objects that match, in order.
func (w modelWorld) keys(match func(modelObject) bool) []string {
	found := []string{}
	for key, o := range w {
		if match(o) {
			found = append(found, key)
		}
	}
	slices.SortFunc(found, func(a, b string) int { // a namespace ends before its names begin
		return strings.Compare(strings.ReplaceAll(a, "/", "\x00"), strings.ReplaceAll(b, "/", "\x00"))
	})
	return found
}

// TestStoreBehavesLikeTheModel does random things, from fixed seeds, to some
// worlds that are forks of each other, and to models of them.
func TestStoreBehavesLikeTheModel(t *testing.T) {
	for seed := range int64(20) {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) {
			random := rand.New(rand.NewSource(seed))
			stores, models := []*store.Store{store.New()}, []*model{{worlds: []modelWorld{{}}}}
			for range 400 {
				i := random.Intn(len(stores))
				if random.Intn(50) == 0 {
					s, m := forkAnywhere(t, random, stores[i], models[i])
					stores, models = append(stores, s), append(models, m)
				}
				doSomething(t, random, stores[i], models[i])
				compareNewest(t, stores[i], models[i])
			}
			for i := range stores {
				compareNewest(t, stores[i], models[i])
				comparePast(t, stores[i], models[i])
			}
		})
	}
}

func forkAnywhere(t *testing.T, random *rand.Rand, s *store.Store, m *model) (*store.Store, *model) {
	if random.Intn(2) == 0 {
		return s.Fork(), m.fork()
	}
	revision := m.compacted + random.Intn(len(m.worlds)-m.compacted)
	at, err := s.At(int64(revision))
	require.NoError(t, err)
	fork := m.fork()
	fork.worlds = fork.worlds[:revision+1]
	return s.ForkAt(at), fork
}

func doSomething(t *testing.T, random *rand.Rand, s *store.Store, m *model) {
	namespace, name := pick(random, "a", "ab", "b"), pick(random, "x", "xy", "y", "z-1", "z-10")
	key := namespace + "/" + name
	switch n := random.Intn(20); {
	case n == 0:
		m.compacted += random.Intn(len(m.worlds)-m.compacted) / 4
		require.NoError(t, s.Compact(int64(m.compacted)))
	case n < 6:
		require.ErrorIs(t, tryRemove(s, namespace, name, store.AnyRevision), m.delete(key))
	default:
		o := modelObject{random.Int(), pick(random, "", "uid-1", "uid-1 uid-2", "uid-2"), pick(random, "", "node-1", "node-10"), 0, 0}
		expected := m.newest()[key].mod // right, most of the time
		if n == 6 {
			expected += int64(random.Intn(3) - 1)
		}
		stored := pod(namespace, name, o.value)
		stored.Owners, stored.Node = strings.Fields(o.owners), o.node
		got, want := try(s, stored, expected), m.put(key, o, expected)
		require.True(t, errors.Is(got, want), "got %v, want %v", got, want)
	}
}

func pick(random *rand.Rand, from ...string) string { return from[random.Intn(len(from))] }

func compareNewest(t *testing.T, s *store.Store, m *model) {
	require.EqualValues(t, len(m.worlds)-1, s.Revision())
	compare(t, s.Snapshot(), m.newest())
}

func compare(t *testing.T, s *store.Snapshot, w modelWorld) {
	require.Equal(t, w.keys(func(modelObject) bool { return true }), names(s.List(pods, "")))
	for o := range s.List(pods, "") {
		want := w[o.Namespace+"/"+o.Name]
		require.Equal(t, want, modelObject{o.Value.(int), strings.Join(o.Owners, " "), o.Node, o.ModRevision, o.Version})
	}
	for _, uid := range []string{"uid-1", "uid-2"} {
		owned := w.keys(func(o modelObject) bool { return slices.Contains(strings.Fields(o.owners), uid) })
		require.Equal(t, owned, names(s.ListOwned(uid)))
	}
	for _, node := range []string{"node-1", "node-10"} {
		require.Equal(t, w.keys(func(o modelObject) bool { return o.node == node }), names(s.ListOnNode(node)))
	}
}

// comparePast also checks that the change log leads from each world to the next.
func comparePast(t *testing.T, s *store.Store, m *model) {
	if m.compacted > 0 {
		_, err := s.At(int64(m.compacted - 1))
		require.ErrorIs(t, err, store.ErrCompacted)
	}
	replayed := maps.Clone(m.worlds[m.compacted])
	for revision := m.compacted; revision < len(m.worlds); revision++ {
		at, err := s.At(int64(revision))
		require.NoError(t, err)
		compare(t, at, m.worlds[revision])
		if revision == m.compacted {
			continue
		}
		c, err := s.Snapshot().Change(int64(revision))
		require.NoError(t, err)
		key := c.Object().Namespace + "/" + c.Object().Name
		if delete(replayed, key); c.After != nil {
			replayed[key] = m.worlds[revision][key]
		}
		require.Equal(t, m.worlds[revision], replayed)
	}
}
