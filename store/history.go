package store

import (
	"iter"
	"slices"
	"sort"
)

// changeLog is the retained changes, without a gap. Snapshots and forks share
// its array: it is only ever appended to, and each sees its own length of it.
type changeLog struct {
	base    int64 // the revision before the first change
	changes []*Change
}

func (l changeLog) newest() int64 { return l.base + int64(len(l.changes)) }

// after returns the changes after a revision. The error is a *RevisionError.
func (l changeLog) after(revision int64) ([]*Change, error) {
	switch {
	case revision > l.newest():
		return nil, &RevisionError{revision, l.base, l.newest(), ErrFuture}
	case revision < l.base:
		return nil, &RevisionError{revision, l.base, l.newest(), ErrCompacted}
	}
	return l.changes[revision-l.base:], nil
}

// until is the log as it was at a revision. Appending to it makes a copy.
func (l changeLog) until(revision int64) changeLog {
	return changeLog{l.base, slices.Clip(l.changes[:revision-l.base])}
}

// worldEvery is how many revisions apart the trees of the history are. One for
// each would double the cost of a write and the memory it takes; a world between
// two of them is read through what was written since the first.
const worldEvery = 32

// history is the change log, what was written with each change, and some of
// the worlds between them. It is shared and appended to like the log.
type history struct {
	changeLog
	// writes[i] is all that was written after the change before changes[i], up
	// to and with that.
	writes [][]write
	worlds []world // oldest first; the first is that of base
}

// world is the tree right after a revision.
type world struct {
	revision int64
	tree     *tree
}

func beginning(revision int64, t *tree) history {
	return history{changeLog: changeLog{base: revision}, worlds: []world{{revision, t}}}
}

func (h *history) append(c *Change, writes []write) {
	h.changes = append(h.changes, c)
	h.writes = append(h.writes, writes)
}

// keep adds the newest world.
func (h *history) keep(revision int64, t *tree) {
	h.worlds = append(h.worlds, world{revision, t})
}

// until is the history as it was at a revision. Appending to it makes a copy.
func (h *history) until(revision int64) history {
	n := revision - h.base
	return history{h.changeLog.until(revision), slices.Clip(h.writes[:n]), slices.Clip(h.worlds[:h.worldsUntil(revision)])}
}

// worldsUntil is how many worlds are not newer than a revision.
func (h *history) worldsUntil(revision int64) int {
	return sort.Search(len(h.worlds), func(i int) bool { return h.worlds[i].revision > revision })
}

// at is the world right after a revision, which is retained: the newest tree
// that is not newer, and what has been written since.
func (h *history) at(revision int64) (*tree, []write) {
	nearest := h.worlds[h.worldsUntil(revision)-1]
	return nearest.tree, slices.Concat(h.writes[nearest.revision-h.base : revision-h.base]...)
}

// At returns the world right after a revision was written. The error is a
// *RevisionError.
func (s *Store) At(revision int64) (*Snapshot, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, err := s.history.after(revision); err != nil {
		return nil, err
	}
	tree, writes := s.history.at(revision)
	return newSnapshot(tree, writes, s.history.changeLog.until(revision), s.lists.until(revision), nil), nil
}

// Compact forgets the history before a revision: At and Changes below it give
// ErrCompacted from now on. Objects are not touched. The error is a
// *RevisionError.
func (s *Store) Compact(revision int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	changes, err := s.history.after(revision)
	if err != nil {
		return err
	}
	h := &s.history
	oldest, writes := h.at(revision)
	if len(writes) > 0 {
		oldest = oldest.with(writes)
	}
	worlds := append([]world{{revision, oldest}}, h.worlds[h.worldsUntil(revision):]...)
	// Clones, so that what is forgotten can be collected.
	s.history = history{changeLog{revision, slices.Clone(changes)}, slices.Clone(h.writes[revision-h.base:]), worlds}
	return nil
}

// ChangesAfter returns the changes after a revision, oldest first, up to the
// newest, without taking a snapshot for it. The error is a *RevisionError.
func (s *Store) ChangesAfter(revision int64) ([]*Change, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	changes, err := s.history.after(revision)
	return slices.Clip(changes), err
}

// Oldest is the oldest revision whose change is still in the log.
func (s *Snapshot) Oldest() int64 { return s.log.base + 1 }

// Change returns one row of the change log. The error is a *RevisionError.
func (s *Snapshot) Change(revision int64) (*Change, error) {
	switch {
	case revision > s.Revision():
		return nil, &RevisionError{revision, s.Oldest(), s.Revision(), ErrFuture}
	case revision < s.Oldest():
		return nil, &RevisionError{revision, s.Oldest(), s.Revision(), ErrCompacted}
	}
	return s.log.changes[revision-s.Oldest()], nil
}

// Changes ranges over the change log after a revision, oldest first. The
// error is a *RevisionError: changes that were asked for are gone, or the
// revision is yet to come.
func (s *Snapshot) Changes(after int64) (iter.Seq[*Change], error) {
	changes, err := s.log.after(after)
	return slices.Values(changes), err
}
