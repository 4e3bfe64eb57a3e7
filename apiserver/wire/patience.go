package wire

import (
	"net/http"
	"sync"
	"time"
)

// patience cuts off a client that does not read what a watch sends. A deadline
// for each event would do the same, but with HTTP/2 every change of a deadline
// is a message to the connection, and most events are sent in no time.
type patience struct {
	lasts      time.Duration
	controller *http.ResponseController

	mu    sync.Mutex
	timer *time.Timer
	ended bool // the answer is complete, and its writer gone
}

func newPatience(lasts time.Duration, controller *http.ResponseController) *patience {
	p := &patience{lasts: lasts, controller: controller}
	p.timer = time.AfterFunc(lasts, p.cut)
	p.timer.Stop()
	return p
}

// begin is called before something is sent, and rest when it is gone.
func (p *patience) begin() { p.timer.Reset(p.lasts) }
func (p *patience) rest()  { p.timer.Stop() }

func (p *patience) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.ended {
		p.controller.SetWriteDeadline(time.Unix(0, 1)) // what is being written fails
	}
}

// end is called when nothing is sent any more.
func (p *patience) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timer.Stop()
	p.ended = true
}
