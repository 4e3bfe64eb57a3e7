package wire

import (
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// courtesy is how long the answer to a write waits for those who watch.
const courtesy = 25 * time.Millisecond

// round is the watches of a resource that wait for its next change, and then
// those that have not sent it yet. The hub's lock guards it.
type round struct {
	news  chan struct{} // closed when there is a change
	sent  chan struct{} // closed when all have sent it
	woken bool
	left  int
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
// for, and into the next, unless that is over already. Either may be nil. It
// returns the round that the watch is in.
func (h *hub) move(from, to *round) *round {
	if from == to {
		return to
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if from != nil {
		from.left--
		from.endIfSent()
	}
	if to == nil || to.woken {
		return nil
	}
	to.left++
	return to
}

// sent returns a channel that is closed when all watches that were waiting for
// the newest change of a resource have sent it, or nil if there are none.
func (h *hub) sent(gr schema.GroupResource) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watches == 0 {
		return nil
	}
	h.scan()
	if t := h.resources[gr]; t != nil && t.last != nil {
		return t.last.sent
	}
	return nil
}

// yield lets the watches go first that were waiting for what has been written.
// A client that writes as fast as it is answered would else run further and
// further ahead of those who watch; with HTTP/2, it reads its answer when it
// has read what its own watches were sent.
func (h *hub) yield(gr schema.GroupResource) {
	sent := h.sent(gr)
	if sent == nil {
		return
	}
	late := time.NewTimer(courtesy)
	defer late.Stop()
	select {
	case <-sent:
	case <-late.C:
	}
}
