package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/trace"
)

// Step runs one turn. If no turn is left at this instant, the clock first
// skips to when one is due. It returns nil if nothing will ever be due.
func (e *Engine) Step() (*trace.Turn, error) {
	for {
		if !e.state.Open && !e.skipToWork(true, time.Time{}) {
			return nil, nil
		}
		if err := e.open(); err != nil {
			return nil, err
		}
		turn, err := e.nextTurn()
		if turn != nil || err != nil {
			return turn, errors.Join(err, e.store.Flush())
		}
		if err := e.close(); err != nil {
			return nil, err
		}
	}
}

// PlanNext says what the next Step would do, and does nothing. Nobody outside
// is asked for it.
func (e *Engine) PlanNext() (*trace.Turn, *Engine, error) {
	f := e.Fork()
	turn, err := f.Step()
	for waits(err) {
		var unasked []outside.Answer
		for _, q := range f.waiting.questions {
			unasked = append(unasked, outside.Answer{Key: q.Key, Err: "nobody outside is asked here"})
		}
		if err = f.Answer(unasked); err == nil {
			turn, err = f.Step()
		}
	}
	if turn != nil {
		turn.Planned = true
	}
	return turn, f, err
}

// Tick runs all turns that are due at this instant, or the rest of them, and
// moves the clock by one tick.
func (e *Engine) Tick() ([]*trace.Turn, error) {
	if err := e.open(); err != nil {
		return nil, err
	}
	var turns []*trace.Turn
	for {
		turn, err := e.nextTurn()
		if err != nil {
			return turns, errors.Join(err, e.store.Flush())
		}
		if turn == nil {
			return turns, e.close()
		}
		turns = append(turns, turn)
	}
}

// Settle runs ticks until nothing but background work is due, skipping idle
// time. If there is still work to do when the limit has passed, the error
// names who keeps working; what was done stays done.
func (e *Engine) Settle(limit time.Duration) ([]*trace.Turn, error) {
	return e.SettleFrom(e.Now(), limit)
}

// SettleFrom is Settle with a limit that is counted from some time on, for going
// on after a turn that had to wait.
func (e *Engine) SettleFrom(began time.Time, limit time.Duration) ([]*trace.Turn, error) {
	deadline := began.Add(limit)
	var turns []*trace.Turn
	for e.state.Open || e.skipToWork(false, deadline) {
		more, err := e.Tick()
		turns = append(turns, more...)
		if err != nil {
			return turns, err
		}
	}
	if e.Busy() {
		return turns, e.unsettled(limit)
	}
	return turns, nil
}

// unsettled says who keeps working.
func (e *Engine) unsettled(limit time.Duration) error {
	var who []string
	for _, w := range e.queued() {
		if w.Background {
			continue
		}
		line := w.Instance + " on " + w.Key.String()
		if w.LastErr != nil {
			line += fmt.Sprintf(" (attempt %d: %v)", w.Attempt, w.LastErr)
		} else if w.Why != "" {
			line += " (" + w.Why + ")"
		}
		if who = append(who, line); len(who) == 5 {
			break
		}
	}
	return fmt.Errorf("not settled after %s of virtual time; still working: %s", limit, strings.Join(who, "; "))
}

// Advance moves the clock by d, running the ticks that have work and skipping
// the idle ones.
func (e *Engine) Advance(d time.Duration) (turns int, err error) {
	return e.AdvanceTo(e.TickAt(e.Now().Add(d)))
}

// AdvanceTo runs the world up to the beginning of a tick.
func (e *Engine) AdvanceTo(tick int64) (turns int, err error) {
	if tick <= e.state.Tick {
		return 0, nil
	}
	last := e.timeOf(tick - 1)
	for e.state.Open || e.skipToWork(true, last) {
		done, err := e.Tick()
		turns += len(done)
		if err != nil {
			return turns, err
		}
	}
	e.state.Tick = max(e.state.Tick, tick)
	return turns, e.store.Write(func(tx *store.Tx) error { e.saveState(tx); return nil })
}

// skipToWork moves the clock over idle ticks to the next with work, and says
// whether there is one, not after the limit (zero for none). Without
// background it looks for other work, but does not leave out the heartbeats
// on the way.
func (e *Engine) skipToWork(background bool, limit time.Time) bool {
	inTime := func(t time.Time) bool { return limit.IsZero() || !t.After(limit) }
	if e.behind() {
		return inTime(e.Now())
	}
	next, ok := e.nextDue(background)
	if !ok || !inTime(e.timeOf(e.TickAt(next))) {
		return false
	}
	soonest, _ := e.nextDue(true)
	e.state.Tick = max(e.state.Tick, e.TickAt(soonest))
	return true
}

// NextWork is when the next tick with work begins, and whether there is one.
func (e *Engine) NextWork() (time.Time, bool) {
	if e.state.Open || e.behind() {
		return e.Now(), true
	}
	next, ok := e.nextDue(true)
	if !ok {
		return time.Time{}, false
	}
	return e.timeOf(max(e.state.Tick, e.TickAt(next))), true
}

// Busy says whether there is work, now or later, other than heartbeats.
func (e *Engine) Busy() bool {
	_, foreground := e.nextDue(false)
	return foreground || e.state.Open || e.behind()
}

// open begins a tick: leases expire, changes become work, and the work that
// is due becomes this tick's turns, in a fixed order. All of them will read
// the snapshot of this moment.
func (e *Engine) open() error {
	if e.state.Open {
		return e.reopen()
	}
	if expiry, ok := e.store.Snapshot().NextExpiry(); ok && !expiry.After(e.Now()) {
		if _, err := e.store.Expire(e.Now(), e.origin("etcd", "the lease has expired")); err != nil {
			return err
		}
	}
	snapshot := e.store.Snapshot()
	e.mark(snapshot)
	recent := append(slices.Clip(e.state.Recent), tickStart{e.state.Tick, snapshot.Revision()})
	if len(recent) > maxLag+1 {
		recent = recent[len(recent)-maxLag-1:]
	}
	e.state.Recent, e.state.Reads, e.opened = recent, snapshot.Revision(), snapshot
	err := e.store.Write(func(tx *store.Tx) error {
		q := e.takeDue(tx)
		if err := (delivery{e, tx, q.wake}).deliver(snapshot); err != nil {
			return err
		}
		e.state.Open, e.state.Queue = true, q.inOrder()
		e.saveState(tx)
		return nil
	})
	if err != nil {
		return fmt.Errorf("deliver changes at tick %d: %w", e.state.Tick, err)
	}
	return nil
}

// reopen finds the snapshot of a tick that was opened before a fork.
func (e *Engine) reopen() error {
	if e.opened != nil {
		return nil
	}
	var err error
	e.opened, err = e.store.At(e.state.Reads)
	return err
}

// close ends a tick.
func (e *Engine) close() error {
	e.state.Open, e.state.Queue = false, nil
	e.opened = nil
	e.state.Tick++
	if err := e.store.Write(func(tx *store.Tx) error { e.saveState(tx); return nil }); err != nil {
		return err
	}
	if err := e.retain(); err != nil {
		return err
	}
	return e.checkInvariants()
}
