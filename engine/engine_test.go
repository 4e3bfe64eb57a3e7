package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/engine"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
	"github.com/minik8s/minik8s/store"
)

func TestSettleCarriesOutPlans(t *testing.T) {
	e := newWorld(t, copier())
	create(t, e, wish("a", 3))
	turns, err := e.Settle(time.Minute)
	require.NoError(t, err)
	require.Len(t, secrets(e), 3)

	first := turns[0]
	require.Equal(t, "copier", first.Component)
	require.Equal(t, "default/a", first.Key)
	require.Equal(t, []string{"0 of 3 copies"}, first.Saw)
	require.Len(t, first.Calls, 3)
	require.Equal(t, "have 0 of 3 copies", first.Calls[0].Why)
	require.NotEmpty(t, first.Calls[0].Name, "a generated name is known to the trace")

	change, err := e.Store().Snapshot().Change(first.Calls[0].Revision)
	require.NoError(t, err)
	require.Equal(t, "system:copier", change.Actor)
	require.Equal(t, first.Number, change.Turn)
	require.Equal(t, "default/a", change.Key)
	cause, err := e.Store().Snapshot().Change(change.Cause)
	require.NoError(t, err)
	require.Equal(t, "tester", cause.Actor)
}

func TestTurnsOfATickReadItsStart(t *testing.T) {
	e := newWorld(t, copier())
	create(t, e, wish("a", 1))
	create(t, e, wish("b", 1))
	one, err := e.Step()
	require.NoError(t, err)
	two, err := e.Step()
	require.NoError(t, err)
	require.Equal(t, "default/a", one.Key)
	require.Equal(t, "default/b", two.Key)
	require.Equal(t, one.SawRevision, two.SawRevision)
	require.Greater(t, two.Newest, two.SawRevision)
}

// With the own-writes rule there are three copies at any lag; without it, a
// lagging copier makes more, as controllers with stale caches used to.
func TestOwnWritesRule(t *testing.T) {
	for lag := range 5 {
		t.Run(fmt.Sprintf("lag %d", lag), func(t *testing.T) {
			e := newWorld(t, copier())
			require.NoError(t, e.SetLag("copier", lag))
			create(t, e, wish("a", 3))
			settle(t, e)
			require.Len(t, secrets(e), 3)
		})
	}
	e := newWorld(t, copier())
	require.NoError(t, e.SetOwnWrites(false))
	require.NoError(t, e.SetLag("copier", 2))
	create(t, e, wish("a", 3))
	for range 3 { // something else keeps waking the key
		_, err := e.Tick()
		require.NoError(t, err)
		change := wish("a", 3)
		change.Data["tick"] = fmt.Sprint(e.TickNumber())
		_, err = e.Do(request(apiserver.Update, change))
		require.NoError(t, err)
	}
	settle(t, e)
	require.Greater(t, len(secrets(e)), 3)
}

func TestErrorsBackOff(t *testing.T) {
	refuse := errors.New("not yet")
	e := newWorld(t, reconcile.Component{
		Name: "stubborn", User: "stubborn", Watches: []reconcile.Watch{reconcile.Self(reconcile.ConfigMaps.GroupResource)},
		Reconcile: func(_ reconcile.View, r reconcile.Request) (reconcile.Plan, error) {
			if r.Attempt > 0 {
				require.ErrorIs(t, r.LastErr, refuse)
			}
			if r.Attempt < 10 {
				return reconcile.Plan{}, refuse
			}
			return reconcile.Plan{}, nil
		},
	})
	create(t, e, wish("a", 1))
	turns, err := e.Settle(time.Minute)
	require.NoError(t, err)
	require.Len(t, turns, 11)
	// 5 ms doubling, rounded up to ticks of 100 ms: the tenth retry comes 2.56 s after the ninth.
	require.Equal(t, 2600*time.Millisecond, turns[10].Time.Sub(turns[9].Time))
}

func TestSettleNamesWhoKeepsWorking(t *testing.T) {
	e := newWorld(t, reconcile.Component{
		Name: "restless", User: "restless", Watches: []reconcile.Watch{reconcile.Self(reconcile.ConfigMaps.GroupResource)},
		Reconcile: func(reconcile.View, reconcile.Request) (p reconcile.Plan, err error) {
			p.RequeueAfter(time.Second, "cannot sit still")
			return p, nil
		},
	})
	create(t, e, wish("a", 1))
	_, err := e.Settle(10 * time.Second)
	require.ErrorContains(t, err, "not settled after 10s of virtual time; still working: restless on default/a (cannot sit still)")
}

func TestHeartbeatsDoNotKeepSettleWaiting(t *testing.T) {
	beats := 0
	e := newWorld(t, reconcile.Component{
		Name: "heart", User: "heart", Starts: func(string) []reconcile.Key { return []reconcile.Key{reconcile.Single} },
		Reconcile: func(reconcile.View, reconcile.Request) (p reconcile.Plan, err error) {
			beats++
			p.Heartbeat(10*time.Second, "beat")
			return p, nil
		},
	})
	settle(t, e)
	require.Equal(t, 1, beats)
	_, err := e.Advance(time.Minute)
	require.NoError(t, err)
	require.Equal(t, 7, beats, "at 0, 10 … 60 s: settling took a tick")
}

func TestPanicIsTheTurnsError(t *testing.T) {
	e := newWorld(t, reconcile.Component{
		Name: "clumsy", User: "clumsy", Watches: []reconcile.Watch{reconcile.Self(reconcile.ConfigMaps.GroupResource)},
		Reconcile: func(_ reconcile.View, r reconcile.Request) (reconcile.Plan, error) {
			if r.Attempt == 0 {
				panic("slipped")
			}
			return reconcile.Plan{}, nil
		},
	}, copier())
	create(t, e, wish("a", 1))
	turns, err := e.Settle(time.Minute)
	require.NoError(t, err)
	require.Equal(t, "clumsy panicked: slipped", turns[0].Err)
	require.Len(t, secrets(e), 1, "the others go on")
}

func TestRefusedCallDropsTheRest(t *testing.T) {
	e := newWorld(t, reconcile.Component{
		Name: "eager", User: "eager", Watches: []reconcile.Watch{reconcile.Self(reconcile.ConfigMaps.GroupResource)},
		Reconcile: func(v reconcile.View, r reconcile.Request) (p reconcile.Plan, err error) {
			cm, _ := reconcile.ConfigMaps.Get(v, r.Key)
			if r.Attempt > 0 || cm.Labels["wish"] == "" {
				return p, nil
			}
			p.Create(wish("fresh", 1), "first")
			p.Create(wish("a", 1), "exists already")
			p.Create(wish("never", 1), "dropped")
			return p, nil
		},
	})
	create(t, e, wish("a", 1))
	turn, err := e.Step()
	require.NoError(t, err)
	require.Equal(t, `configmaps "a" already exists`, turn.Err)
	require.NotZero(t, turn.Calls[0].Revision)
	require.Equal(t, turn.Err, turn.Calls[1].Err)
	require.True(t, turn.Calls[2].Dropped)
}

func TestCrashDropsTheQueueAndRestartListsAnew(t *testing.T) {
	e := newWorld(t, copier())
	require.NoError(t, e.Crash("copier"))
	create(t, e, wish("a", 2))
	settle(t, e)
	require.Empty(t, secrets(e))
	require.NoError(t, e.Restart("copier"))
	settle(t, e)
	require.Len(t, secrets(e), 2)
	require.EqualError(t, e.Crash("nobody"), `no component "nobody": want one of copier`)
	require.EqualError(t, e.SetLag("copier", 99), "lag of 99 ticks: want 0 to 64")
}

func TestPerNodeInstances(t *testing.T) {
	ran := map[string]int{}
	e := newWorld(t, reconcile.Component{
		Name: "agent", User: "agent:%s", PerNode: true,
		Starts: func(node string) []reconcile.Key { return []reconcile.Key{{Name: node}} },
		Reconcile: func(_ reconcile.View, r reconcile.Request) (reconcile.Plan, error) {
			ran[r.Node]++
			return reconcile.Plan{}, nil
		},
	})
	for _, name := range []string{"n1", "n2"} {
		create(t, e, &nodelocal.Machine{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
	settle(t, e)
	require.Equal(t, map[string]int{"n1": 1, "n2": 1}, ran)
	require.EqualError(t, e.Crash("agent/n3"), `no machine "n3" for component "agent"`)
}

func TestPlanNextDoesNothing(t *testing.T) {
	e := newWorld(t, copier())
	create(t, e, wish("a", 1))
	before := e.Store().Revision()
	planned, _, err := e.PlanNext()
	require.NoError(t, err)
	require.True(t, planned.Planned)
	require.Len(t, planned.Calls, 1)
	require.Equal(t, before, e.Store().Revision())
	done, err := e.Step()
	require.NoError(t, err)
	require.Equal(t, planned.Calls, done.Calls, "what was planned is what is done")
}

func TestForkGoesItsOwnWay(t *testing.T) {
	e := newWorld(t, copier())
	create(t, e, wish("a", 1))
	f := e.Fork()
	settle(t, f)
	require.Len(t, secrets(f), 1)
	require.Empty(t, secrets(e))
	settle(t, e)
	require.Equal(t, changeLog(f.Store()), changeLog(e.Store()))
}

func TestAtIsTheWorldOfARevision(t *testing.T) {
	e := newWorld(t, copier())
	create(t, e, wish("a", 3))
	settle(t, e)
	newest := e.Store().Revision()
	past, err := e.At(newest - 1) // in the middle of the copier's turn
	require.NoError(t, err)
	require.Len(t, secrets(past), 2)
	settle(t, past)
	require.Len(t, secrets(past), 3, "the turn that was cut short is had again")

	_, err = e.At(newest + 1)
	require.ErrorIs(t, err, store.ErrFuture)
}

func TestReplayFromAnyTick(t *testing.T) {
	e := newWorld(t, copier())
	create(t, e, wish("a", 3))
	settle(t, e)
	create(t, e, wish("b", 2))
	_, err := e.Step() // a request between two turns of a tick
	require.NoError(t, err)
	create(t, e, wish("c", 1))
	require.NoError(t, e.SetLag("copier", 2))
	settle(t, e)
	_, err = e.Advance(time.Hour)
	require.NoError(t, err)
	create(t, e, wish("d", 1))
	settle(t, e)
	want := changeLog(e.Store())
	for tick := range e.TickNumber() {
		if tick > 40 && tick < e.TickNumber()-40 {
			continue // an idle hour
		}
		f, err := e.Replay(tick)
		require.NoError(t, err, "from tick %d", tick)
		require.Equal(t, want, changeLog(f.Store()), "from tick %d", tick)
	}
	_, err = e.Replay(e.TickNumber() + 1)
	require.ErrorContains(t, err, "is yet to come")
}

// changeLog is the whole of what happened, as text.
func changeLog(s *store.Store) []string {
	changes, err := s.Snapshot().Changes(s.Snapshot().Oldest() - 1)
	if err != nil {
		return []string{err.Error()}
	}
	var lines []string
	for c := range changes {
		after := "gone"
		if c.After != nil {
			value, err := json.Marshal(c.After.Value)
			after = fmt.Sprintf("%s %v", value, err)
		}
		lines = append(lines, fmt.Sprintf("%d %+v %s %s", c.Revision, c.Origin, c.Object().Name, after))
	}
	return lines
}

func TestComponentsAreChecked(t *testing.T) {
	_, err := engine.New(engine.Options{Components: []reconcile.Component{{Name: "no body"}}, NewServer: func(*store.Store, func() time.Time) *apiserver.Server { return nil }})
	require.ErrorContains(t, err, `component 0 ("no body")`)
}
