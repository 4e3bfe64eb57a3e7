package store

import (
	"slices"
	"sync"
)

// Store is a world that goes on. There is one writer at a time; readers take
// a Snapshot and never wait.
type Store struct {
	writer  sync.Mutex   // one writer at a time
	mu      sync.RWMutex // guards all below but staged
	tree    *tree
	history history
	lists   lists
	news    broadcast
	check   *immutability // nil unless CheckImmutable was called
	pending []write       // not in the tree yet, oldest first
	loose   []write       // since the newest change
	staged  []func(*Tx)   // guarded by writer
}

// maxPending bounds what a transaction has to search beside the tree.
const maxPending = 256

// New returns an empty world at revision 0.
func New() *Store {
	empty := newTree()
	return &Store{tree: empty, history: beginning(0, empty), news: newBroadcast()}
}

// Snapshot is the world as it is now. It costs nothing that grows with the world.
func (s *Store) Snapshot() *Snapshot {
	s.mu.RLock()
	if len(s.pending) == 0 {
		defer s.mu.RUnlock()
		return s.snapshot()
	}
	s.mu.RUnlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fold()
	return s.snapshot()
}

func (s *Store) snapshot() *Snapshot {
	return newSnapshot(s.tree, nil, s.history.changeLog, s.lists.clipped(), slices.Clip(s.loose))
}

// fold carries out what is pending. The lock is held.
func (s *Store) fold() {
	s.tree = s.tree.with(s.pending)
	s.pending = nil
}

// Revision is that of the newest write.
func (s *Store) Revision() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.history.newest()
}

// Fork returns a world of its own that starts as this one is: what is written
// to either is not seen in the other. It costs nothing that grows with the
// world; the fork's first write copies the list of what is retained.
func (s *Store) Fork() *Store { return s.ForkAt(s.Snapshot()) }

// ForkAt is Fork from a snapshot of this world. The history after it is
// forgotten in the fork.
func (s *Store) ForkAt(at *Snapshot) *Store {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f := &Store{tree: at.tree, pending: slices.Clip(at.before), lists: at.lists, loose: at.loose, news: newBroadcast(), check: s.check}
	if at.Revision() < s.history.base {
		f.fold()
		f.history = beginning(at.Revision(), f.tree)
	} else {
		f.history = s.history.until(at.Revision())
	}
	return f
}

// Write runs f in one transaction. It is committed if f returns nil, and
// otherwise nothing has happened. A transaction may change any number of
// plain rows, but one object at the most: one revision per write.
func (s *Store) Write(f func(*Tx) error) error {
	s.writer.Lock()
	defer s.writer.Unlock()
	tx := s.begin()
	for _, rows := range s.staged {
		rows(tx)
	}
	if err := f(tx); err != nil {
		return err
	}
	s.staged = nil
	s.commit(tx)
	return nil
}

func (s *Store) begin() *Tx {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return &Tx{layers: layers{tree: s.tree, before: s.pending}, revision: s.history.newest()}
}

// commit takes a transaction's writes over. They go into the tree together
// with those of the next few: nodes that they share are copied once.
func (s *Store) commit(tx *Tx) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = append(s.pending, tx.writes...)
	s.loose = append(s.loose, tx.writes...)
	for _, a := range tx.appended {
		to := &s.lists[a.to]
		to.entries = append(to.entries, listEntry{a.value, tx.Revision()})
	}
	if tx.change != nil {
		s.history.append(tx.change, slices.Clip(s.loose))
		s.loose = nil
		s.check.remember(tx.change)
	}
	newest := s.history.newest()
	isDue := tx.change != nil && newest%worldEvery == 0
	if isDue || len(s.pending) > maxPending {
		s.fold()
	}
	if isDue {
		s.history.keep(newest, s.tree)
	}
	if tx.change != nil {
		s.announce()
	}
}

// Stage leaves plain rows to be written with the next Write that succeeds.
// Until then no snapshot shows them. It saves a transaction for rows that are
// only wanted beside whatever is written next; Flush makes sure of them.
func (s *Store) Stage(rows func(*Tx)) {
	s.writer.Lock()
	defer s.writer.Unlock()
	s.staged = append(s.staged, rows)
}

// Flush writes what is staged.
func (s *Store) Flush() error {
	return s.Write(func(*Tx) error { return nil })
}
