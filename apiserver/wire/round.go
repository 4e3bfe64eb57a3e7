package wire

import (
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// How long the answer to a write waits for those who watch: until they have
// sent it, and then, when they are many, for what it takes a client to read it
// that often. A shorter pause than noticeable is not worth a timer.
const (
	courtesy    = 25 * time.Millisecond
	readingTime = 60 * time.Microsecond // for one watch
	noticeable  = time.Millisecond
)

// round is the watches of a resource that wait for its next change, and then
// those that have not sent it yet. The hub's lock guards it.
type round struct {
	news  chan struct{} // closed when there is a change
	sent  chan struct{} // closed when all have sent it
	woken bool
	left  int
	told  int // how many had something to send
}

func newRound() *round { return &round{news: make(chan struct{}), sent: make(chan struct{})} }

// begin wakes the watches.
func (r *round) begin() {
	r.woken = true
	close(r.news)
	r.endIfSent()
}

func (r *round) endIfSent() {
	if r.woken && r.left == 0 {
		close(r.sent)
	}
}

// move takes a watch out of a round, when it has sent all that it was woken
// for, and into the next, unless that is over already. Either may be nil. told
// says that there was something to send. It returns the round that the watch is in.
func (h *hub) move(from, to *round, told bool) *round {
	if from == to {
		return to
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if from != nil {
		from.left--
		if told {
			from.told++
		}
		from.endIfSent()
	}
	if to == nil || to.woken {
		return nil
	}
	to.left++
	return to
}

// pause is what the clients of the watches need to read what they were sent. It
// must be called when all have sent it.
func (r *round) pause() time.Duration {
	pause := min(time.Duration(r.told)*readingTime, courtesy)
	if pause < noticeable {
		return 0
	}
	return pause
}

// wokenBy returns the watches that the newest change of a resource has woken,
// or nil if there are none.
func (h *hub) wokenBy(gr schema.GroupResource) *round {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watches == 0 {
		return nil
	}
	h.scan()
	if t := h.resources[gr]; t != nil {
		return t.last
	}
	return nil
}

// yield lets the watches go first that were waiting for what has been written.
// A client that writes as fast as it is answered would else run further and
// further ahead of those who watch; with HTTP/2, it reads its answer when it
// has read what its own watches were sent.
func (h *hub) yield(gr schema.GroupResource) {
	woken := h.wokenBy(gr)
	if woken == nil {
		return
	}
	late := time.NewTimer(courtesy)
	defer late.Stop()
	select {
	case <-woken.sent:
		time.Sleep(woken.pause())
	case <-late.C:
	}
}
