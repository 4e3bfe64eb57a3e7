package minik8s

import (
	"context"
	"fmt"
	"time"

	"github.com/minik8s/minik8s/apiserver/outside"
)

// LiveOptions say how the clock of a live cluster goes.
type LiveOptions struct {
	// Speed is virtual seconds per second. Zero or less means as fast as it
	// goes: the clock skips to the next work, and goes at 1x while there are
	// only heartbeats to wait for.
	Speed  float64
	Paused bool
}

// Live is a cluster whose clock moves by itself.
type Live struct {
	c     *Cluster
	alarm chan struct{} // has room for one: "look again"

	// All below is guarded by the cluster's lock.
	paused bool
	speed  float64
	// The virtual clock stood at virtual when the wall clock stood at wall.
	wall    time.Time
	virtual time.Time
	hurried bool // a request has changed something since the last tick
	failed  error
}

// Run makes the cluster's clock go until ctx is done. It returns at once. A
// cluster runs once at a time: a second Run takes over.
func (c *Cluster) Run(ctx context.Context, o LiveOptions) *Live {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := &Live{c: c, alarm: make(chan struct{}, 1), paused: o.Paused, speed: o.Speed}
	l.rebase()
	c.live = l
	go l.run(ctx)
	return l
}

// State is a live cluster's clock, for people.
type State struct {
	Paused bool
	Speed  float64 // zero: as fast as it goes
	Now    time.Time
	Tick   int64
	// Turn and Revision are the newest.
	Turn, Revision int64
	// Failed is why the clock has stopped for good, if it has.
	Failed error
}

// State says where the clock is.
func (l *Live) State() State {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	_ = l.catchUp()
	e := l.c.engine
	return State{
		Paused: l.paused, Speed: max(l.speed, 0), Now: e.Now(), Tick: e.TickNumber(),
		Turn: e.TurnNumber(), Revision: e.Store().Revision(), Failed: l.failed,
	}
}

// Paused says whether the clock stands.
func (l *Live) Paused() bool {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	return l.paused
}

// Pause stops the clock.
func (l *Live) Pause() {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	_ = l.catchUp()
	l.paused = true
}

// Resume lets the clock go on from where it stands.
func (l *Live) Resume() {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	l.paused = false
	l.rebase()
	l.wake()
}

// SetSpeed changes how fast the clock goes. See LiveOptions.Speed.
func (l *Live) SetSpeed(speed float64) {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	_ = l.catchUp()
	l.speed = speed
	l.rebase()
	l.wake()
}

// rebase pins the virtual clock to the wall clock as both are now.
func (l *Live) rebase() { l.wall, l.virtual = time.Now(), l.c.engine.Now() }

// rate is how fast the clock goes when there is nothing to skip to.
func (l *Live) rate() float64 {
	if l.speed <= 0 {
		return 1
	}
	return l.speed
}

// target is what the virtual clock should show now.
func (l *Live) target() time.Time {
	return l.virtual.Add(time.Duration(float64(time.Since(l.wall)) * l.rate()))
}

// catchUp brings the world to the present, or to a turn that has to wait. The
// cluster's lock is held.
func (l *Live) catchUp() error {
	if l.paused || l.failed != nil || l.c.engine.Waits() {
		return nil
	}
	if d := l.target().Sub(l.c.engine.Now()); d > 0 {
		_, err := l.c.engine.Advance(d)
		if outside.QuestionsIn(err) != nil {
			l.wake() // who asks for something else does not wait for webhooks
			return nil
		}
		if err != nil {
			return l.fail(err)
		}
	}
	return nil
}

// fail stops the clock: a broken invariant of ours is not papered over.
func (l *Live) fail(err error) error {
	l.failed, l.paused = fmt.Errorf("the clock has stopped: %w", err), true
	return l.failed
}

// wake makes the loop look again at what is due.
func (l *Live) wake() {
	select {
	case l.alarm <- struct{}{}:
	default:
	}
}

// hurry has the clock not wait for the next tick: a request has just changed
// something, and whoever sent it should see what comes of it as soon as on a
// real cluster.
func (l *Live) hurry() {
	l.hurried = true
	l.wake()
}

// run sleeps until work is due, does it, and so on.
func (l *Live) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			l.leave()
			return
		case <-l.alarm:
		case <-timer.C:
		}
		timer.Reset(l.work())
	}
}

func (l *Live) leave() {
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	if l.c.live == l {
		l.c.live = nil
	}
}

// mostAhead is how far the virtual clock may get ahead of the wall clock, by
// ticks that come early because of requests. It waits for the wall clock when
// nobody asks for anything.
const mostAhead = time.Second

// idle is how long the loop sleeps if nothing is due at all.
const idle = time.Minute

// work runs one tick, if one is due, and says how long to sleep. It lets go of
// the lock between ticks, so that requests are not kept waiting.
func (l *Live) work() (sleep time.Duration) {
	l.c.driving.Lock()
	defer l.c.driving.Unlock()
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	err := l.c.answering(func() (err error) {
		sleep, err = l.tick()
		return err
	})
	if err != nil {
		_ = l.fail(err)
	}
	return sleep
}

// tick is work while the cluster's lock is held. The error may be that a turn has
// to wait.
func (l *Live) tick() (sleep time.Duration, err error) {
	if l.paused || l.failed != nil || l.c.live != l {
		return idle, nil
	}
	e := l.c.engine
	next, ok := e.NextWork()
	if !ok {
		return idle, nil
	}
	if l.speed <= 0 && e.Busy() && next.After(l.target()) {
		l.wall, l.virtual = time.Now(), next // skip the waiting
	}
	early := (l.hurried || e.InTick()) && !next.After(e.Now())
	if wait := next.Sub(l.target()); wait > 0 && !(early && wait <= mostAhead) {
		return time.Duration(float64(wait) / l.rate()), nil
	}
	l.hurried = false
	_, err = e.AdvanceTo(e.TickAt(next) + 1)
	return 0, err
}
