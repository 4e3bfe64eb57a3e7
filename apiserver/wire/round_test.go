package wire

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/store"
)

var configMaps = schema.GroupResource{Resource: "configmaps"}

// change is a write of a ConfigMap.
func change(t *testing.T, s *store.Store) {
	t.Helper()
	require.NoError(t, s.Write(func(tx *store.Tx) error {
		o := &store.Object{Resource: configMaps, Namespace: "default", Name: "a"}
		return tx.Put(o, store.AnyRevision, store.Origin{})
	}))
}

// watched is a hub with one watch that waits for news of ConfigMaps.
func watched(t *testing.T) (*hub, *store.Store, *round) {
	s := store.New()
	h := newHub(s)
	h.join()
	t.Cleanup(h.leave)
	next, _, _ := h.quietSince(configMaps, 0)
	return h, s, h.move(nil, next, false)
}

func TestAWriteWaitsForThoseItWoke(t *testing.T) {
	h, s, waiting := watched(t)
	change(t, s)
	require.NotNil(t, h.wokenBy(configMaps))
	sent := h.wokenBy(configMaps).sent
	select {
	case <-waiting.news:
	default:
		t.Fatal("the watch has not been woken")
	}
	select {
	case <-sent:
		t.Fatal("the watch has not sent it yet")
	default:
	}
	next, _, _ := h.quietSince(configMaps, s.Revision())
	h.move(waiting, next, true)
	<-sent
}

func TestAWatchThatIsBusyIsNotWaitedFor(t *testing.T) {
	h, s, waiting := watched(t)
	change(t, s)
	h.wokenBy(configMaps) // wakes the watch, which does not get on
	change(t, s)
	<-h.wokenBy(configMaps).sent
	over := h.resources[configMaps].last
	require.Nil(t, h.move(waiting, over, true), "what it was to wait for has happened")
}

func TestAWatchThatEndsIsNotWaitedFor(t *testing.T) {
	h, s, waiting := watched(t)
	change(t, s)
	sent := h.wokenBy(configMaps).sent
	h.move(waiting, nil, false)
	<-sent
}

func TestNobodyWatches(t *testing.T) {
	s := store.New()
	h := newHub(s)
	change(t, s)
	require.Nil(t, h.wokenBy(configMaps))
	h.join()
	defer h.leave()
	change(t, s)
	require.Nil(t, h.wokenBy(schema.GroupResource{Resource: "secrets"}))
}

func TestManyAreGivenTimeToRead(t *testing.T) {
	for _, tt := range []struct {
		told int
		want time.Duration
	}{{0, 0}, {10, 0}, {16, 0}, {50, 3 * time.Millisecond}, {100, 6 * time.Millisecond}, {400, 24 * time.Millisecond}, {10_000, courtesy}} {
		require.Equal(t, tt.want, (&round{told: tt.told}).pause(), "%d watches", tt.told)
	}
}

func TestOnlyWhoWasToldSomethingIsGivenTime(t *testing.T) {
	h, s, waiting := watched(t)
	next, _, _ := h.quietSince(configMaps, s.Revision())
	other := h.move(nil, next, false)
	change(t, s)
	woken := h.wokenBy(configMaps)
	h.move(waiting, nil, true)
	h.move(other, nil, false) // its selector has nothing to do with the change
	<-woken.sent
	require.Equal(t, 1, woken.told)
}
