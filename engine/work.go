package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
)

// Work is one row of a work queue: a key of an instance that is to have a turn.
type Work struct {
	Instance string // "replicaset-controller", "kubelet/node-1"
	Node     string
	Key      reconcile.Key
	// Due is when, in virtual time.
	Due time.Time
	// Attempt counts failures since the last success; LastErr is the latest.
	Attempt int
	LastErr error
	// Cause is the revision that woke the key; zero for timers and starts.
	Cause int64
	// Why says what the key waits for, if it was not woken by a change.
	Why string
	// Background work never ends, and nobody waits for it.
	Background bool

	component int
	name      string // of its row
}

// instance is one running copy of a component.
type instance struct {
	component int
	node      string
}

func (e *Engine) instanceName(i instance) string {
	name := e.opts.Components[i.component].Name
	if i.node != "" {
		name += "/" + i.node
	}
	return name
}

// workName sorts by component order, then node, then key: the order of turns.
func workName(i instance, k reconcile.Key) string {
	return instancePrefix(i) + k.Namespace + "/" + k.Name
}

func instancePrefix(i instance) string {
	return fmt.Sprintf("%03d/", i.component) + i.node + "/"
}

// dueName sorts by time.
func dueName(due time.Time, work string) string {
	return fmt.Sprintf("%016x/", due.UnixNano()) + work
}

// enqueue makes a key due at some time, or earlier if it was due before.
func (e *Engine) enqueue(tx *store.Tx, i instance, k reconcile.Key, due time.Time, cause int64, why string) {
	name := workName(i, k)
	w := Work{Node: i.node, Key: k, Due: due, Cause: cause, Why: why, component: i.component, name: name}
	if old, ok := tx.Row(workRows, name).(*Work); ok {
		if !old.Due.After(due) && !old.Background {
			return
		}
		w.Instance, w.Attempt, w.LastErr = old.Instance, old.Attempt, old.LastErr
		if old.Due.Before(due) {
			w.Due = old.Due
		}
	} else {
		w.Instance = e.instanceName(i)
	}
	putWork(tx, &w)
}

func putWork(tx *store.Tx, w *Work) {
	dropWork(tx, w.name)
	tx.PutRow(workRows, w.name, w)
	tx.PutRow(dueRows, dueName(w.Due, w.name), w.name)
}

func dropWork(tx *store.Tx, name string) {
	if old, ok := tx.Row(workRows, name).(*Work); ok {
		tx.DeleteRow(workRows, name)
		tx.DeleteRow(dueRows, dueName(old.Due, name))
	}
}

func getWork(s *store.Snapshot, name string) *Work {
	w, _ := s.Row(workRows, name).(*Work)
	return w
}

// Queue lists all work, soonest first.
func (e *Engine) Queue() []Work {
	s := e.store.Snapshot()
	var all []Work
	for _, w := range e.state.Queue {
		all = append(all, *w)
	}
	for _, name := range s.Rows(dueRows, "") {
		all = append(all, *getWork(s, name.(string)))
	}
	return all
}

// nextDue is when the next work is due, and whether there is any. Without
// background, heartbeats do not count, nor leases that expire.
func (e *Engine) nextDue(background bool) (next time.Time, found bool) {
	s := e.store.Snapshot()
	for _, name := range s.Rows(dueRows, "") {
		if w := getWork(s, name.(string)); background || !w.Background {
			next, found = w.Due, true
			break
		}
	}
	if expiry, ok := s.NextExpiry(); background && ok && (!found || expiry.Before(next)) {
		return expiry, true
	}
	return next, found
}

// takeDue takes the work whose time has come out of the rows, in the order in
// which it is to have its turns.
func takeDue(tx *store.Tx, now time.Time) []*Work {
	limit := fmt.Sprintf("%016x0", now.UnixNano()) // "/" sorts before "0"
	var due []*Work
	for at, name := range tx.Rows(dueRows, "") {
		if at >= limit {
			break
		}
		due = append(due, tx.Row(workRows, name.(string)).(*Work))
	}
	for _, w := range due {
		dropWork(tx, w.name)
	}
	slices.SortFunc(due, func(a, b *Work) int { return strings.Compare(a.name, b.name) })
	return due
}
