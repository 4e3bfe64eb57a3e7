package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
)

// slow is an instance whose view is behind, or that is down. Everything else
// about faults is plain use of snapshots and rows: a stale cache is an older
// snapshot, a crash is dropped rows.
type slow struct {
	instance
	// Lag is how many ticks the view is behind.
	Lag int64
	// Down instances have no turns and hear of nothing.
	Down bool
	// Delivered is the revision up to which changes were turned into work.
	Delivered int64
}

// maxLag bounds how many tick starts the engine remembers.
const maxLag = 64

func (e *Engine) slowIndex(i instance) int {
	return slices.IndexFunc(e.state.Slow, func(s slow) bool { return s.instance == i })
}

// SetLag makes an instance ("default-scheduler", "kubelet/node-1"; a component's name
// alone means all its instances) see the world as it was that many ticks ago.
// Zero ends it. Errors: no such instance, lag out of range.
func (e *Engine) SetLag(name string, ticks int) error {
	if ticks < 0 || ticks > maxLag {
		return fmt.Errorf("lag of %d ticks: want 0 to %d", ticks, maxLag)
	}
	return e.fault(name, "lag", func(tx *store.Tx, s *slow) { s.Lag = int64(ticks) })
}

// Crash stops an instance: its queue and timers are lost, and it has no turns
// until Restart.
func (e *Engine) Crash(name string) error {
	return e.fault(name, "crash", func(tx *store.Tx, s *slow) {
		s.Down = true
		e.dropAll(tx, s.instance)
	})
}

// Restart starts an instance again after a crash (or crashes it first): it
// lists everything anew.
func (e *Engine) Restart(name string) error {
	return e.fault(name, "restart", func(tx *store.Tx, s *slow) {
		s.Down = false
		e.dropAll(tx, s.instance)
		snapshot := e.store.Snapshot()
		s.Delivered = snapshot.Revision()
		e.intoRows(tx).start(s.instance, e.view(snapshot), "restart")
	})
}

// SetOwnWrites switches the rule that a key is not reconciled again until its
// component's view has reached that key's last write.
func (e *Engine) SetOwnWrites(on bool) error {
	e.state.OwnWrites = on
	return e.journalControl(Control{Op: "own-writes", On: on})
}

func (e *Engine) fault(name, op string, change func(*store.Tx, *slow)) error {
	instances, err := e.instancesNamed(name)
	if err != nil {
		return err
	}
	slows := slices.Clone(e.state.Slow)
	err = e.store.Write(func(tx *store.Tx) error {
		for _, i := range instances {
			n := e.slowIndex(i)
			if n < 0 {
				slows = append(slows, slow{instance: i, Delivered: e.state.Delivered})
				n = len(slows) - 1
			}
			change(tx, &slows[n])
		}
		e.state.Slow = slows
		return nil
	})
	if err != nil {
		return err
	}
	control := Control{Op: op, Instance: name}
	if op == "lag" {
		control.Lag = int(slows[len(slows)-1].Lag)
		if n := e.slowIndex(instances[0]); n >= 0 {
			control.Lag = int(e.state.Slow[n].Lag)
		}
	}
	return e.journalControl(control)
}

// instancesNamed finds the instances that a name stands for.
func (e *Engine) instancesNamed(name string) ([]instance, error) {
	component, node, _ := strings.Cut(name, "/")
	var known []string
	for n, c := range e.opts.Components {
		known = append(known, c.Name)
		if c.Name != component {
			continue
		}
		if !c.PerNode {
			return []instance{{n, ""}}, nil
		}
		var found []instance
		for _, m := range reconcile.Machines.List(e.view(e.store.Snapshot())) {
			if node == "" || node == m.Name {
				found = append(found, instance{n, m.Name})
			}
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("no machine %q for component %q", node, component)
		}
		return found, nil
	}
	return nil, fmt.Errorf("no component %q: want one of %s", component, strings.Join(known, ", "))
}

// deliverSlow does for each slow instance what deliver does for the others.
func (e delivery) deliverSlow() error {
	if len(e.state.Slow) == 0 {
		return nil
	}
	slows := slices.Clone(e.state.Slow)
	kept := slows[:0]
	for _, s := range slows {
		if !s.Down {
			snapshot, err := e.slowView(s)
			if err != nil {
				return err
			}
			if snapshot.Revision() > s.Delivered {
				if err := e.deliverTo(snapshot, s.Delivered, func(i instance) bool { return i == s.instance }); err != nil {
					return err
				}
				s.Delivered = snapshot.Revision()
			}
		}
		if s.Down || s.Lag > 0 || s.Delivered < e.state.Delivered {
			kept = append(kept, s)
		}
	}
	e.state.Slow = kept
	return nil
}

// slowView is the snapshot at the start of the tick that the instance is
// behind by. It never goes back in time: a lag that was just set begins where
// the instance is.
func (e *Engine) slowView(s slow) (*store.Snapshot, error) {
	revision := int64(0)
	for _, r := range e.state.Recent {
		if r.Tick <= e.state.Tick-s.Lag {
			revision = r.Revision
		}
	}
	return e.store.At(max(revision, s.Delivered))
}

// behind says that some instance that is up has changes yet to hear of.
func (e *Engine) behind() bool {
	newest := e.store.Revision()
	for _, s := range e.state.Slow {
		if !s.Down && s.Delivered < newest {
			return true
		}
	}
	return e.state.Delivered < newest
}
