package store

import (
	"sync"

	"github.com/hashicorp/go-memdb"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Store is a world that goes on. There is one writer at a time; readers take
// a Snapshot and never wait.
type Store struct {
	mu      sync.RWMutex // guards history and news; memdb has its own
	db      *memdb.MemDB
	history history
	news    chan struct{} // closed by the next write, see broadcast.go
	check   *immutability // nil unless CheckImmutable was called
}

// New returns an empty world at revision 0.
func New() *Store {
	db, err := memdb.NewMemDB(newSchema())
	if err != nil {
		panic(err) // the schema is ours
	}
	s := &Store{db: db, news: newNews()}
	s.history = history{{db: db.Snapshot(), oldest: 1}}
	return s
}

// Snapshot is the world as it is now. It costs nothing that grows with the world.
func (s *Store) Snapshot() *Snapshot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	newest := s.history.newest()
	return &Snapshot{db: s.db.Snapshot(), revision: newest.revision, oldest: newest.oldest}
}

// Revision is that of the newest write.
func (s *Store) Revision() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.history.newest().revision
}

// Fork returns a world of its own that starts as this one is: what is written
// to either is not seen in the other. It costs nothing that grows with the world.
func (s *Store) Fork() *Store {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return &Store{db: s.db.Snapshot(), history: s.history.share(), news: newNews(), check: s.check}
}

// ForkAt is Fork from a snapshot of this world. The history after it is
// forgotten in the fork.
func (s *Store) ForkAt(at *Snapshot) *Store {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return &Store{db: at.db.Snapshot(), history: s.history.until(at.revision), news: newNews(), check: s.check}
}

// Write runs f in one transaction. It is committed if f returns nil, and
// otherwise nothing has happened. A transaction may change any number of
// plain rows, but one object at the most: one revision per write.
func (s *Store) Write(f func(*Tx) error) error {
	txn := s.db.Txn(true)
	defer txn.Abort() // does nothing after a commit
	tx := &Tx{txn: txn, base: s.history.newest().revision}
	if err := f(tx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	txn.Commit()
	if tx.change != nil {
		s.history = append(s.history, Snapshot{db: s.db.Snapshot(), revision: tx.change.Revision, oldest: s.history.newest().oldest})
		s.check.remember(tx.change)
		s.announce()
	}
	return nil
}

// Tx is a transaction in progress. It reads what it has written.
type Tx struct {
	txn    *memdb.Txn
	base   int64
	change *Change
}

// Revision is the one that an object change in this transaction has or would have.
func (tx *Tx) Revision() int64 { return tx.base + 1 }

// Get returns an object, or nil.
func (tx *Tx) Get(gr schema.GroupResource, namespace, name string) *Object {
	return first[*Object](tx.txn, tableObjects, indexID, encodeKey(gr, namespace, name))
}

// AnyRevision as the expected revision of Put and Delete: overwrite whatever
// is there.
const AnyRevision int64 = -1

// Put stores an object if the one in its place has the expected ModRevision:
// zero for none. It sets o's revisions and version. Errors: ErrExists,
// ErrConflict, ErrNotFound.
func (tx *Tx) Put(o *Object, expected int64, origin Origin) error {
	o.key = encodeKey(o.Resource, o.Namespace, o.Name)
	before := first[*Object](tx.txn, tableObjects, indexID, o.key)
	if err := compare(before, expected); err != nil {
		return err
	}
	o.ModRevision = tx.Revision()
	o.CreateRevision, o.Version = o.ModRevision, 1
	if before != nil {
		o.CreateRevision, o.Version = before.CreateRevision, before.Version+1
	}
	tx.log(&Change{Revision: o.ModRevision, Origin: origin, Before: before, After: o})
	return tx.txn.Insert(tableObjects, o)
}

// Delete removes an object if it has the expected ModRevision. Errors:
// ErrNotFound, ErrConflict.
func (tx *Tx) Delete(gr schema.GroupResource, namespace, name string, expected int64, origin Origin) error {
	before := tx.Get(gr, namespace, name)
	if before == nil {
		return ErrNotFound
	}
	if err := compare(before, expected); err != nil {
		return err
	}
	tx.log(&Change{Revision: tx.Revision(), Origin: origin, Before: before})
	return tx.txn.Delete(tableObjects, before)
}

func compare(before *Object, expected int64) error {
	switch {
	case expected == AnyRevision:
		return nil
	case before == nil && expected != 0:
		return ErrNotFound
	case before != nil && expected == 0:
		return ErrExists
	case before != nil && before.ModRevision != expected:
		return ErrConflict
	}
	return nil
}

func (tx *Tx) log(c *Change) {
	if tx.change != nil {
		panic("store: a second object change in one transaction")
	}
	tx.change = c
	if err := tx.txn.Insert(tableLog, c); err != nil {
		panic(err)
	}
}

// Row returns a plain row's value, or nil.
func (tx *Tx) Row(set, name string) any { return rowValue(tx.txn, set, name) }

// PutRow stores a plain row. Like an object, a value is never changed once stored.
func (tx *Tx) PutRow(set, name string, value any) {
	if err := tx.txn.Insert(tableRows, &row{key: encodeRow(set, name), name: name, value: value}); err != nil {
		panic(err)
	}
}

// DeleteRow removes a plain row, if it is there.
func (tx *Tx) DeleteRow(set, name string) {
	if r := first[*row](tx.txn, tableRows, indexID, encodeRow(set, name)); r != nil {
		if err := tx.txn.Delete(tableRows, r); err != nil {
			panic(err)
		}
	}
}
