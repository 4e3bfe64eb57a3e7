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
	// Cause is the revision that woke the key. A timer or a retry has that of
	// the turn which asked for it; a heartbeat or a start has none.
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
	return string([]byte{'0' + byte(i.component/10), '0' + byte(i.component%10), '/'}) + i.node + "/"
}

// dueName sorts by time.
func dueName(due time.Time, work string) string {
	return fmt.Sprintf("%016x/", due.UnixNano()) + work
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

// Upcoming lists all work, soonest first, with what the changes that nobody
// has heard of yet are about to wake.
func (e *Engine) Upcoming() ([]Work, error) {
	f := e.Fork()
	if e.behind() {
		if err := f.open(); err != nil {
			return nil, err
		}
	}
	return f.queued(), nil
}

// queued lists the work of the open tick, and then that in the rows.
func (e *Engine) queued() []Work {
	var all []Work
	for _, w := range e.state.Queue {
		all = append(all, *w)
	}
	s := e.store.Snapshot()
	for _, name := range s.Rows(dueRows, "") {
		all = append(all, *getWork(s, name.(string)))
	}
	return all
}

// Queued is how many keys wait for a turn of each component, in the order of
// Components.
func (e *Engine) Queued() []int64 {
	counts := make([]int64, len(e.opts.Components))
	for _, w := range e.queued() {
		counts[w.component]++
	}
	return counts
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

// intoRows is a delivery outside of a tick: the work waits in its rows.
func (e *Engine) intoRows(tx *store.Tx) delivery {
	return delivery{e, tx, func(i instance, k reconcile.Key, cause int64, why string) {
		name := workName(i, k)
		if old, ok := tx.Row(workRows, name).(*Work); ok && !old.Due.After(e.Now()) && !old.Background {
			return
		}
		putWork(tx, e.newWork(tx, i, k, cause, why))
	}}
}

// newWork is work that is due now. It carries on the count of failures.
func (e *Engine) newWork(tx *store.Tx, i instance, k reconcile.Key, cause int64, why string) *Work {
	w := &Work{Node: i.node, Key: k, Due: e.Now(), Cause: cause, Why: why, component: i.component, name: workName(i, k)}
	if old, ok := tx.Row(workRows, w.name).(*Work); ok {
		w.Instance, w.Attempt, w.LastErr = old.Instance, old.Attempt, old.LastErr
		return w
	}
	w.Instance = e.instanceName(i)
	return w
}

// queue is the work of a tick that is being opened. It is taken out of the
// rows, or comes from a change and never was in them.
type queue struct {
	*Engine
	tx   *store.Tx
	work []*Work
	has  map[workID]bool
}

type workID struct {
	instance
	reconcile.Key
}

// takeDue begins a queue with the work whose time has come.
func (e *Engine) takeDue(tx *store.Tx) *queue {
	q := &queue{Engine: e, tx: tx, has: map[workID]bool{}}
	limit := fmt.Sprintf("%016x0", e.Now().UnixNano()) // "/" sorts before "0"
	for at, name := range tx.Rows(dueRows, "") {
		if at >= limit {
			break
		}
		w := tx.Row(workRows, name.(string)).(*Work)
		q.work = append(q.work, w)
		q.has[workID{instance{w.component, w.Node}, w.Key}] = true
	}
	for _, w := range q.work {
		dropWork(tx, w.name)
	}
	return q
}

// wake adds a key, if it is not in the queue yet.
func (q *queue) wake(i instance, k reconcile.Key, cause int64, why string) {
	id := workID{i, k}
	if q.has[id] {
		return
	}
	q.has[id] = true
	w := q.newWork(q.tx, i, k, cause, why)
	dropWork(q.tx, w.name)
	q.work = append(q.work, w)
}

// inOrder is the queue in the order in which it has its turns.
func (q *queue) inOrder() []*Work {
	slices.SortFunc(q.work, func(a, b *Work) int { return strings.Compare(a.name, b.name) })
	return q.work
}
