package store

import "iter"

// Snapshot is the world at one moment. It never changes.
type Snapshot struct {
	layers
	log   changeLog
	lists lists
	loose []write // plain rows that are newer than the log
}

func newSnapshot(t *tree, before []write, log changeLog, lists lists, loose []write) *Snapshot {
	return &Snapshot{layers{tree: t, before: before}, log, lists, loose}
}

// Revision is that of the newest write in the snapshot.
func (s *Snapshot) Revision() int64 { return s.log.newest() }

// all ranges over all objects.
func (s *Snapshot) all() iter.Seq[*Object] { return objects(s.scan([]byte{objectKeys})) }
