package wire

import (
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/store"
)

// hub wakes watches. It reads the change log once for all of them and wakes
// only those whose resource has changed, so that a thousand idle watches cost
// a busy cluster nothing. It carries no events: a watch that was woken reads
// the log itself, at its own pace.
type hub struct {
	store *store.Store

	mu        sync.Mutex
	watches   int
	stop      chan struct{} // ends the goroutine that reads the log; nil if there is none
	scanned   int64         // the revision that the log has been read to
	resources map[schema.GroupResource]*topic
}

// topic is what the hub knows of one resource.
type topic struct {
	changed int64  // the revision of the newest change that was scanned
	next    *round // of those who wait for the next one
	last    *round // of those whom that one woke; nil before the first
}

var customResourceDefinitions = schema.GroupResource{Group: "apiextensions.k8s.io", Resource: "customresourcedefinitions"}

func newHub(s *store.Store) *hub {
	return &hub{store: s, resources: map[schema.GroupResource]*topic{}}
}

// join counts a watch in. The first one starts the reading of the log.
func (h *hub) join() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watches++
	if h.watches == 1 {
		h.stop = make(chan struct{})
		h.scanned = h.store.Snapshot().Revision()
		go h.read(h.stop)
	}
}

// count is how many watches there are.
func (h *hub) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.watches
}

// leave counts a watch out. The last one stops the reading.
func (h *hub) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watches--
	if h.watches == 0 {
		close(h.stop)
		h.resources = map[schema.GroupResource]*topic{}
	}
}

// topic must be called with the lock held.
func (h *hub) topic(gr schema.GroupResource) *topic {
	t := h.resources[gr]
	if t == nil {
		// All that is known is that there were no changes after scanned.
		t = &topic{changed: h.scanned, next: newRound()}
		h.resources[gr] = t
	}
	return t
}

// quietSince returns the round of those who wait for the resource to change,
// and the revision up to which it is known not to have changed since the given
// one. If that is not known, it is the given one, and the log has to be read.
func (h *hub) quietSince(gr schema.GroupResource, revision int64) (next *round, upTo int64, quiet bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topic(gr)
	if t.changed > revision {
		return t.next, revision, false
	}
	return t.next, max(revision, h.scanned), true
}

func (h *hub) read(stop chan struct{}) {
	for {
		news := h.store.News()
		if !h.scanFor(stop) {
			return
		}
		select {
		case <-news:
		case <-stop:
			return
		}
	}
}

// scanFor is scan, unless another goroutine has taken over.
func (h *hub) scanFor(stop chan struct{}) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stop != stop || h.watches == 0 {
		return false
	}
	h.scan()
	return true
}

// scan wakes the watches of what has changed since the last time. It must be
// called with the lock held.
func (h *hub) scan() {
	changes, err := h.store.ChangesAfter(h.scanned)
	if err != nil {
		// Compacted away from under us: anything may have changed.
		h.scanned = h.store.Revision()
		for _, t := range h.resources {
			t.wake(h.scanned)
		}
		return
	}
	for _, change := range changes {
		h.tell(change)
		h.scanned = change.Revision
	}
}

// tell wakes those who watch what has changed.
func (h *hub) tell(change *store.Change) {
	changed := change.Object()
	if t := h.resources[changed.Resource]; t != nil {
		t.wake(change.Revision)
	}
	if changed.Resource == customResourceDefinitions {
		// Watches of the resource that it defines may have to end.
		if t := h.resources[schema.ParseGroupResource(changed.Name)]; t != nil {
			t.wake(change.Revision)
		}
	}
}

func (t *topic) wake(revision int64) {
	if revision <= t.changed {
		return
	}
	t.changed = revision
	t.last, t.next = t.next, newRound()
	t.last.begin()
}
