package store

import (
	"iter"
	"slices"

	"github.com/hashicorp/go-memdb"
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

// history is the change log and the worlds between the changes: worlds[i] is
// the one before changes[i], and the last is the one after all of them.
type history struct {
	changeLog
	worlds []*memdb.MemDB
}

func beginning(revision int64, world *memdb.MemDB) history {
	return history{changeLog{base: revision}, []*memdb.MemDB{world}}
}

func (h *history) append(c *Change, world *memdb.MemDB) {
	h.changes = append(h.changes, c)
	h.worlds = append(h.worlds, world)
}

func (h *history) until(revision int64) history {
	return history{h.changeLog.until(revision), slices.Clip(h.worlds[:revision-h.base+1])}
}

// At returns the world right after a revision was written. The error is a
// *RevisionError.
func (s *Store) At(revision int64) (*Snapshot, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, err := s.history.after(revision); err != nil {
		return nil, err
	}
	return &Snapshot{s.history.worlds[revision-s.history.base], s.history.changeLog.until(revision)}, nil
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
	worlds := s.history.worlds[revision-s.history.base:]
	// Clones, so that what is forgotten can be collected.
	s.history = history{changeLog{revision, slices.Clone(changes)}, slices.Clone(worlds)}
	return nil
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
