package store

import "slices"

// history holds a snapshot for each retained revision, one after the other,
// so that any of them is found by subtraction. It is shared between forks and
// only ever appended to.
type history []Snapshot

func (h history) newest() *Snapshot { return &h[len(h)-1] }

// at returns the snapshot of a revision that is retained.
func (h history) at(revision int64) *Snapshot { return &h[revision-h[0].revision] }

// share returns the history for a fork: same entries, appended to apart.
func (h history) share() history { return slices.Clip(h) }

func (h history) until(revision int64) history {
	if revision < h[0].revision {
		return h[:1:1]
	}
	n := revision - h[0].revision + 1
	return h[:n:n]
}

// At returns the world right after a revision was written. The error is a
// *RevisionError.
func (s *Store) At(revision int64) (*Snapshot, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	oldest, newest := s.history[0].revision, s.history.newest().revision
	switch {
	case revision > newest:
		return nil, &RevisionError{revision, oldest, newest, ErrFuture}
	case revision < oldest:
		return nil, &RevisionError{revision, oldest, newest, ErrCompacted}
	}
	return s.history.at(revision), nil
}

// Compact forgets the history before a revision: At and Changes below it give
// ErrCompacted from now on. Objects are not touched.
func (s *Store) Compact(revision int64) error {
	if _, err := s.At(revision); err != nil {
		return err
	}
	txn := s.db.Txn(true)
	defer txn.Abort()
	newest := s.history.newest()
	for old := newest.oldest; old <= revision; old++ {
		if c := first[*Change](txn, tableLog, indexID, encodeInt(old)); c != nil {
			if err := txn.Delete(tableLog, c); err != nil {
				return err
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	txn.Commit()
	s.history = slices.Clone(s.history[revision-s.history[0].revision:])
	s.history[len(s.history)-1] = Snapshot{db: s.db.Snapshot(), revision: newest.revision, oldest: revision + 1}
	return nil
}
