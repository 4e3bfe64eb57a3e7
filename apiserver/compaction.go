package apiserver

import (
	"time"

	"github.com/minik8s/minik8s/store"
)

// compactionInterval is how often etcd forgets: what it was at one time is the
// oldest that it knows from the next time on.
const compactionInterval = 5 * time.Minute

// at opens a past revision for a list, unless a real cluster would have
// forgotten it. The world's own history goes back much further, for the
// simulator's commands; and a watch may begin wherever that does.
//
// Upstream: k8s.io/apiserver/pkg/storage/etcd3 (compactor), at full intervals of the cluster's clock instead of those since the start.
func (c *call) at(revision int64) (*store.Snapshot, error) {
	newest := c.Store.Snapshot()
	forgotten := c.now.Truncate(compactionInterval).Add(-compactionInterval)
	if next, err := newest.Change(revision + 1); err == nil && !next.Time.After(forgotten) {
		return nil, &store.RevisionError{Revision: revision, Oldest: revision + 1, Newest: newest.Revision(), Err: store.ErrCompacted}
	}
	return c.Store.At(revision)
}
