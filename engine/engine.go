package engine

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/trace"
)

// Options make a world.
type Options struct {
	// Components in the order in which their turns of one tick are run.
	Components []reconcile.Component
	// NewServer makes the door to the world.
	NewServer func(st *store.Store, now func() time.Time) *apiserver.Server
	// Start is the virtual time of tick 0, and Tick the length of a tick.
	Start time.Time
	Tick  time.Duration
	// Invariants are checked after every tick.
	Invariants []Invariant
	// RetainTicks and RetainRevisions bound how far back one can travel.
	RetainTicks, RetainRevisions int
}

// Engine is a world with its clock. It is not safe for concurrent use.
type Engine struct {
	opts   Options
	store  *store.Store
	server *apiserver.Server
	// subscribed has, for each resource, who watches it, in component order.
	subscribed map[schema.GroupResource][]subscription

	// state is the engine's row of the store, see state.go.
	state state
	// opened is the snapshot that the turns of the open tick read.
	opened *store.Snapshot
	// waiting is the turn that is under way, if it waits for answers; finished
	// is one that has come to its end since, and that nobody was told of yet.
	waiting  *underWay
	finished *trace.Turn
	// marks are the retained ticks, oldest first.
	marks []mark
	// turns counts the turns of each component since this engine was made. It
	// is for people to look at: nothing in the world depends on it.
	turns []int64
}

// subscription is one watch of one component.
type subscription struct {
	component int
	reconcile.Watch
}

// New returns a world in which nothing has happened yet. Errors: a component
// that is listed twice or lacks what it needs.
func New(opts Options) (*Engine, error) {
	e := &Engine{opts: opts, store: store.New(), state: state{OwnWrites: true}, turns: make([]int64, len(opts.Components))}
	e.server = opts.NewServer(e.store, e.Now)
	seen := map[string]bool{}
	e.subscribed = map[schema.GroupResource][]subscription{}
	for i, c := range opts.Components {
		if c.Name == "" || c.Reconcile == nil || seen[c.Name] {
			return nil, fmt.Errorf("component %d (%q) has no name, no Reconcile, or a name that was used before", i, c.Name)
		}
		seen[c.Name] = true
		for _, w := range c.Watches {
			e.subscribed[w.Resource] = append(e.subscribed[w.Resource], subscription{i, w})
		}
	}
	return e, e.store.Write(func(tx *store.Tx) error {
		e.saveState(tx)
		for i, c := range opts.Components {
			if !c.PerNode {
				e.intoRows(tx).start(instance{i, ""}, e.view(e.store.Snapshot()), "start of the world")
			}
		}
		return nil
	})
}

// Fork returns a world of its own that starts as this one is. It costs
// nothing that grows with the world. A turn that waits for answers from outside
// counts as cut short in the fork, see At.
func (e *Engine) Fork() *Engine {
	if e.waiting != nil {
		f := e.forkAt(e.store.Snapshot())
		f.state.Reads = f.store.Revision()
		return f
	}
	f := *e
	f.finished = nil
	f.store = e.store.Fork()
	f.marks = e.marks[:len(e.marks):len(e.marks)]
	f.server = e.server.In(f.store, f.Now)
	f.turns = make([]int64, len(e.turns))
	return &f
}

// At returns a fork of the world as it was right after a revision was
// written. If that was in the middle of a turn, the turn counts as cut short
// by a crash: going on from there, its key has another turn, which sees what
// the first one wrote. The error is a *store.RevisionError.
func (e *Engine) At(revision int64) (*Engine, error) {
	snapshot, err := e.store.At(revision)
	if err != nil {
		return nil, err
	}
	f := e.forkAt(snapshot)
	f.state.Reads = snapshot.Revision()
	return f, nil
}

func (e *Engine) forkAt(snapshot *store.Snapshot) *Engine {
	f := *e
	f.store = e.store.ForkAt(snapshot)
	f.state = loadState(snapshot)
	f.opened, f.waiting, f.finished = nil, nil, nil
	f.marks = marksUntil(e.marks, f.state.Tick)
	f.server = e.server.In(f.store, f.Now)
	f.turns = make([]int64, len(e.turns))
	return &f
}

// Store holds the world's rows. Only the engine may write to it.
func (e *Engine) Store() *store.Store { return e.store }

// Server is the door to the world. Writes from outside go through Do instead,
// so that they are in the journal.
func (e *Engine) Server() *apiserver.Server { return e.server }

// Turns is how many turns each component has had since this engine, or this
// fork of one, was made; in the order of Components.
func (e *Engine) Turns() []int64 { return slices.Clone(e.turns) }

// Components are the components' values, in order.
func (e *Engine) Components() []reconcile.Component { return e.opts.Components }
