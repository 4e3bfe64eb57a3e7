package minik8s

import (
	"time"

	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/trace"
)

// Step runs one turn: one component, one key. Idle time before it is skipped.
// It returns nil if nothing will ever be due.
func (c *Cluster) Step() (turn *trace.Turn, err error) {
	err = c.drive(func() error {
		next, err := c.engine.Step()
		turn = told(c.engine, next)
		return err
	})
	return turn, err
}

// Tick runs all turns that are due at this instant and moves the clock by one tick.
func (c *Cluster) Tick() (turns []*trace.Turn, err error) {
	err = c.drive(func() error {
		more, err := c.engine.Tick()
		turns = append(turns, more...)
		return err
	})
	return turns, err
}

// Settle runs the cluster, skipping idle time, until nothing but heartbeats
// is due. If that does not come about within limit of virtual time, the error
// names who keeps working.
func (c *Cluster) Settle(limit time.Duration) (turns []*trace.Turn, err error) {
	var began time.Time
	err = c.drive(func() error {
		if began.IsZero() {
			began = c.engine.Now()
		}
		more, err := c.engine.SettleFrom(began, limit)
		turns = append(turns, more...)
		return err
	})
	return turns, err
}

// Advance moves the clock by d. It runs the ticks that have work, skips the
// idle ones, and says how many turns there were.
func (c *Cluster) Advance(d time.Duration) (turns int, err error) {
	var until int64
	err = c.drive(func() error {
		if until == 0 {
			until = c.engine.TickAt(c.engine.Now().Add(d))
		}
		more, err := c.engine.AdvanceTo(until)
		turns += more
		return err
	})
	return turns, err
}

// drive runs the world on, and lets a live clock go on from there.
func (c *Cluster) drive(on func() error) error {
	c.driving.Lock()
	defer c.driving.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.rebase()
	return c.answering(on)
}

// answering runs the world on. When a turn has to wait for webhooks, they are
// asked without the lock: the cluster can be read and written meanwhile, by the
// webhooks too, but its clock stands. The lock and driving are held.
func (c *Cluster) answering(on func() error) error {
	for {
		err := on()
		questions := outside.QuestionsIn(err)
		if questions == nil {
			return err
		}
		if err := c.engine.Answer(c.askUnlocked(questions)); err != nil {
			return err
		}
	}
}

// askUnlocked asks in the middle of a turn. A component's request has no limit
// of its own, but the webhooks have theirs.
func (c *Cluster) askUnlocked(questions outside.Questions) []outside.Answer {
	c.mu.Unlock()
	defer c.mu.Lock()
	return askAll(c.opts.Ask, questions)
}

// rebase lets a live clock go on from where the world has been moved to.
func (c *Cluster) rebase() {
	if c.live != nil {
		c.live.rebase()
		c.live.wake()
	}
}
