package engine

import (
	"slices"
	"time"

	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/view"
)

// The sets of plain rows that the engine keeps in the store.
const (
	stateRows = "engine" // one row: state
	workRows  = "work"   // *Work by instance and key
	dueRows   = "due"    // the same, by time
	ownRows   = "own"    // the last own write of a key, while its view is behind
)

// state is what the engine knows between two turns, besides the queues.
type state struct {
	Tick  int64 // the tick that is open or will be next
	Turn  int64 // number of the newest turn or outside request, the lists' own
	Input int64 // number of the newest outside request, likewise

	// Open says that tick Tick has begun. Its turns read revision Reads, and
	// Queue is the work that is still to have its turn: it was taken out of the
	// work rows when the tick began.
	Open  bool
	Reads int64
	Queue []*Work

	// Delivered is the revision up to which changes were turned into work,
	// for all instances but the Slow ones.
	Delivered int64
	// Recent are the revisions at which the latest ticks began.
	Recent []tickStart
	// Slow are the instances with a fault, see faults.go.
	Slow []slow
	// OwnWrites is the rule that a key waits for its view to reach its last write.
	OwnWrites bool
}

type tickStart struct{ Tick, Revision int64 }

func loadState(s *store.Snapshot) state {
	loaded := *s.Row(stateRows, "").(*state)
	loaded.Turn, loaded.Input = s.Newest(store.Turns), s.Newest(store.Inputs)
	return loaded
}

// saveState stores a copy; slices in it are never changed in place. A turn that
// waits is one to come.
func (e *Engine) saveState(tx *store.Tx) {
	saved := e.state
	if e.waiting != nil && !e.waiting.cut {
		saved.Queue = slices.Insert(slices.Clone(saved.Queue), 0, e.waiting.work)
	}
	tx.PutRow(stateRows, "", &saved)
}

// Now is the virtual time: that of the tick which is open or will be next.
func (e *Engine) Now() time.Time { return e.timeOf(e.state.Tick) }

// TickNumber is the tick that is open or will be next.
func (e *Engine) TickNumber() int64 { return e.state.Tick }

// InTick says that a tick has begun whose turns are not over.
func (e *Engine) InTick() bool { return e.state.Open }

// TurnNumber is that of the newest turn or outside request.
func (e *Engine) TurnNumber() int64 { return e.state.Turn }

func (e *Engine) timeOf(tick int64) time.Time {
	return e.opts.Start.Add(time.Duration(tick) * e.opts.Tick)
}

// TickAt is the first tick that is not before t.
func (e *Engine) TickAt(t time.Time) int64 {
	d := t.Sub(e.opts.Start)
	n := int64(d / e.opts.Tick)
	if d%e.opts.Tick > 0 {
		n++
	}
	return n
}

func (e *Engine) view(s *store.Snapshot) *view.View { return view.New(s, e.Now()) }
