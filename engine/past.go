package engine

import (
	"iter"

	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/trace"
)

// Turns ranges over the retained turns and outside requests after a number,
// oldest first.
func Turns(s *store.Snapshot, since int64) iter.Seq[*trace.Turn] {
	return func(yield func(*trace.Turn) bool) {
		for _, v := range s.EntriesFrom(store.Turns, since+1) {
			if !yield(v.(*trace.Turn)) {
				return
			}
		}
	}
}

// TurnOf returns one turn by its number, if it is retained.
func TurnOf(s *store.Snapshot, n int64) (*trace.Turn, bool) {
	t, ok := s.Entry(store.Turns, n).(*trace.Turn)
	return t, ok
}
