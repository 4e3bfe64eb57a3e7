package engine

import (
	"fmt"
	"slices"
	"sort"

	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/trace"
)

// mark is the beginning of a retained tick.
type mark struct {
	tick     int64
	snapshot *store.Snapshot
}

func (e *Engine) mark(s *store.Snapshot) {
	e.marks = append(e.marks, mark{e.state.Tick, s})
}

func marksUntil(marks []mark, tick int64) []mark {
	n := sort.Search(len(marks), func(i int) bool { return marks[i].tick > tick })
	return marks[:n:n]
}

// AtTick returns a fork of the world as it was when a tick began. Errors: the
// tick is yet to come, or no longer retained.
func (e *Engine) AtTick(tick int64) (*Engine, error) {
	if tick > e.state.Tick {
		return nil, fmt.Errorf("tick %d is yet to come: the world is at tick %d", tick, e.state.Tick)
	}
	n := sort.Search(len(e.marks), func(i int) bool { return e.marks[i].tick > tick }) - 1
	if n < 0 {
		return nil, fmt.Errorf("tick %d is no longer retained: the oldest is %d", tick, e.OldestTick())
	}
	f := e.forkAt(e.marks[n].snapshot)
	f.marks = e.marks[:n:n]
	f.state.Tick = e.marks[n].tick
	if f.state.Tick == tick {
		return f, nil
	}
	// The tick was idle: run on from the last one that was not.
	var before []*Input
	for _, input := range e.Journal() {
		if input.Tick < tick {
			before = append(before, input)
		}
	}
	if err := f.Play(before); err != nil {
		return nil, err
	}
	return f, f.runTo(tick, false, 0)
}

// OldestTick is the oldest tick that one can go back to.
func (e *Engine) OldestTick() int64 {
	if len(e.marks) == 0 {
		return e.state.Tick
	}
	return e.marks[0].tick
}

// retain forgets what is older than the options say. It works in lumps of a
// tenth, because forgetting has a cost per lump.
func (e *Engine) retain() error {
	newest := e.store.Snapshot()
	drop := 0
	if len(e.marks) > e.opts.RetainTicks+e.opts.RetainTicks/10 {
		drop = len(e.marks) - e.opts.RetainTicks
	}
	limit := int64(e.opts.RetainRevisions)
	if first := e.firstRevision(drop); newest.Revision()-first > limit+limit/10 {
		drop = sort.Search(len(e.marks)-1, func(i int) bool { return newest.Revision()-e.marks[i].snapshot.Revision() <= limit })
	}
	if drop == 0 {
		return nil
	}
	e.marks = slices.Clone(e.marks[drop:])
	e.forgetBefore(e.marks[0].tick)
	return e.store.Compact(e.marks[0].snapshot.Revision())
}

func (e *Engine) firstRevision(n int) int64 {
	if n >= len(e.marks) {
		return e.store.Revision()
	}
	return e.marks[n].snapshot.Revision()
}

// forgetBefore drops the turns and inputs of forgotten ticks.
func (e *Engine) forgetBefore(tick int64) {
	s := e.store.Snapshot()
	e.store.Forget(store.Turns, firstOf(s, store.Turns, func(v any) bool { return v.(*trace.Turn).Tick >= tick }))
	e.store.Forget(store.Inputs, firstOf(s, store.Inputs, func(v any) bool { return v.(*Input).Tick >= tick }))
}

// firstOf is the number of a list's first entry that is kept, or of the next
// one to come.
func firstOf(s *store.Snapshot, l store.List, kept func(any) bool) int64 {
	for number, v := range s.EntriesFrom(l, 0) {
		if kept(v) {
			return number
		}
	}
	return s.Newest(l) + 1
}
