package store

import (
	"iter"
	"slices"

	"github.com/hashicorp/go-memdb"
)

// Snapshot is the world at one moment. It never changes.
type Snapshot struct {
	layers
	db    *memdb.MemDB // the tree of the layers
	log   changeLog
	loose []write // plain rows that are newer than the log
}

func newSnapshot(db *memdb.MemDB, before []write, log changeLog, loose []write) *Snapshot {
	return &Snapshot{layers{base: db.Txn(false), before: before}, db, log, loose}
}

// Revision is that of the newest write in the snapshot.
func (s *Snapshot) Revision() int64 { return s.log.newest() }

// all ranges over all objects.
func (s *Snapshot) all() iter.Seq[*Object] { return objects(s.scan([]byte{objectKeys})) }

// fork is the tree and what is not in it, for a store of their own.
func (s *Snapshot) fork() (*memdb.MemDB, []write) { return s.db.Snapshot(), slices.Clip(s.before) }
