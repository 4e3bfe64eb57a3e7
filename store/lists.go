package store

import (
	"iter"
	"slices"
	"sort"
)

// List is one of the world's numbered lists. Like the change log they are
// appended to and read in order, so they need no tree.
type List uint8

// The lists. Store knows nothing of what is in them.
const (
	Turns List = iota
	Inputs
	listCount
)

// lists is the retained part of each list. Snapshots and forks share the arrays
// as they do the change log's.
type lists [listCount]list

type list struct {
	base    int64 // the number before that of the first entry
	entries []listEntry
}

type listEntry struct {
	value    any
	revision int64 // of the first world that has it
}

// newest is the number of the newest entry there ever was.
func (l *list) newest() int64 { return l.base + int64(len(l.entries)) }

// until is the list as the world had it right after a revision.
func (l *list) until(revision int64) list {
	n := sort.Search(len(l.entries), func(i int) bool { return l.entries[i].revision > revision })
	return list{l.base, slices.Clip(l.entries[:n])}
}

// from is the list without what comes before a number.
func (l *list) from(number int64) list {
	n := min(max(number-1-l.base, 0), int64(len(l.entries)))
	return list{l.base + n, l.entries[n:]}
}

// until is all lists as the world had them right after a revision. Appending to
// them makes copies.
func (l *lists) until(revision int64) lists {
	var before lists
	for i := range l {
		before[i] = l[i].until(revision)
	}
	return before
}

// clipped is all lists as they are. Appending to them makes copies.
func (l *lists) clipped() lists {
	now := *l
	for i := range now {
		now[i].entries = slices.Clip(now[i].entries)
	}
	return now
}

// Newest is the number of a list's newest entry, retained or not; the first
// has number 1.
func (s *Snapshot) Newest(l List) int64 { return s.lists[l].newest() }

// Entry is the one with a number, or nil if it is not retained.
func (s *Snapshot) Entry(l List, number int64) any {
	if in := &s.lists[l]; number > in.base && number <= in.newest() {
		return in.entries[number-in.base-1].value
	}
	return nil
}

// EntriesFrom ranges over the retained entries from a number on, oldest first,
// with their numbers.
func (s *Snapshot) EntriesFrom(l List, number int64) iter.Seq2[int64, any] {
	in := s.lists[l].from(number)
	return func(yield func(int64, any) bool) {
		for i, e := range in.entries {
			if !yield(in.base+1+int64(i), e.value) {
				return
			}
		}
	}
}

// Append adds an entry to a list, with the number after the newest. Like an object, a value is never changed once stored.
func (tx *Tx) Append(l List, value any) { tx.appended = append(tx.appended, appended{l, value}) }

type appended struct {
	to    List
	value any
}

// Forget drops the entries of a list before a number, in this world and in
// those of its past.
func (s *Store) Forget(l List, before int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.lists[l].from(before)
	kept.entries = slices.Clone(kept.entries) // so that the rest can be collected
	s.lists[l] = kept
}
