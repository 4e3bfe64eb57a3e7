package engine

import (
	"fmt"
	"time"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/trace"
	"github.com/minik8s/minik8s/view"
)

// Upstream's back-off for a failed key: 5 ms, doubling up to 1000 s.
// Upstream: client-go's DefaultTypedControllerRateLimiter without its overall bucket of 10 a second, and rounded up to the next tick.
const (
	firstBackOff = 5 * time.Millisecond
	maxBackOff   = 1000 * time.Second
)

func backOff(attempt int) time.Duration {
	d := firstBackOff
	for n := 1; n < attempt && d < maxBackOff; n++ {
		d *= 2
	}
	return min(d, maxBackOff)
}

// nextTurn runs the next turn of the open tick, or returns nil if none is left.
// The error may be that the turn has to wait: then the next one is the same.
func (e *Engine) nextTurn() (*trace.Turn, error) {
	if e.finished != nil {
		t := e.finished
		e.finished = nil
		return t, nil
	}
	if e.waiting != nil {
		return nil, e.waiting.questions
	}
	for len(e.state.Queue) > 0 {
		w := e.state.Queue[0]
		e.state.Queue = e.state.Queue[1:]
		v, err := e.viewFor(w)
		if err != nil {
			return nil, err
		}
		if e.waitsForOwnWrite(w, v) {
			if err := e.postpone(w); err != nil {
				return nil, err
			}
			continue
		}
		return e.turn(w, v)
	}
	return nil, nil
}

// viewFor is what an instance sees in the open tick.
func (e *Engine) viewFor(w *Work) (*view.View, error) {
	if n := e.slowIndex(instance{w.component, w.Node}); n >= 0 {
		snapshot, err := e.slowView(e.state.Slow[n])
		return e.view(snapshot), err
	}
	return e.view(e.opened), nil
}

// waitsForOwnWrite is the rule that upstream adopted in 1.36: a key whose last
// write the view has not reached would decide on what it has changed itself.
func (e *Engine) waitsForOwnWrite(w *Work, v *view.View) bool {
	if !e.state.OwnWrites || v.Revision() == e.state.Reads {
		return false // the view of the tick's start has all earlier ticks' writes
	}
	written, ok := e.store.Snapshot().Row(ownRows, w.name).(int64)
	return ok && v.Revision() < written
}

func (e *Engine) postpone(w *Work) error {
	later := *w
	later.Due = e.timeOf(e.state.Tick + 1)
	later.Why = "waits until its view has reached its own last write"
	return e.store.Write(func(tx *store.Tx) error {
		putWork(tx, &later)
		e.saveState(tx)
		return nil
	})
}

// turn has one key reconciled and its plan carried out.
func (e *Engine) turn(w *Work, v *view.View) (*trace.Turn, error) {
	e.state.Turn++
	e.turns[w.component]++
	c := e.opts.Components[w.component]
	t := &trace.Turn{
		Number: e.state.Turn, Tick: e.state.Tick, Time: e.Now(), Component: w.Instance, Key: w.Key.String(), Attempt: w.Attempt,
		Cause: w.Cause, Woken: w.Why, SawRevision: v.Revision(), Newest: e.store.Revision(),
	}
	plan, err := think(c, v, reconcile.Request{Key: w.Key, Node: w.Node, Attempt: w.Attempt, LastErr: w.LastErr})
	t.Saw = plan.Saw
	t.Calls = make([]trace.Call, len(plan.Calls))
	return e.goOn(&underWay{work: w, plan: plan, err: err, turn: t, began: t.Number})
}

// record leaves what the turn changed in the engine's own rows to be written
// with the next write: that of the next turn, or the end of the tick.
func (e *Engine) record(w, next *Work, written int64, t *trace.Turn) {
	state := e.state
	isSlow := e.slowIndex(instance{w.component, w.Node}) >= 0
	e.store.Stage(func(tx *store.Tx) {
		if next != nil {
			putWork(tx, next)
		}
		if written > 0 && isSlow {
			tx.PutRow(ownRows, w.name, written)
		}
		tx.Append(store.Turns, t)
		tx.PutRow(stateRows, "", &state)
	})
}

// requeued is the key's next turn, or nil.
func (e *Engine) requeued(w *Work, plan reconcile.Plan, err error) *Work {
	next := &Work{Instance: w.Instance, Node: w.Node, Key: w.Key, Cause: w.Cause, component: w.component, name: w.name}
	switch {
	case err != nil:
		next.Attempt, next.LastErr = w.Attempt+1, err
		next.Due = e.Now().Add(backOff(next.Attempt))
		next.Why = fmt.Sprintf("retry %d after an error", next.Attempt)
	case plan.After > 0:
		next.Due = e.Now().Add(plan.After)
		next.Background, next.Why = plan.Background, plan.AfterWhy
		if plan.Background {
			next.Cause = 0 // a heartbeat goes on for ever, whatever began it
		}
	default:
		return nil
	}
	return next
}

// think calls Reconcile; a panic in it is that turn's error.
func think(c reconcile.Component, v reconcile.View, req reconcile.Request) (plan reconcile.Plan, err error) {
	defer func() {
		if r := recover(); r != nil {
			plan, err = reconcile.Plan{}, fmt.Errorf("%s panicked: %v", c.Name, r)
		}
	}()
	return c.Reconcile(v, req)
}
