package wire

import (
	"net"
	"runtime"
	"sync"
	"time"
)

// How much a connection gathers, in bytes, before a writer has to wait, and how
// long the last of it may take.
const (
	gatherAtMost = 256 << 10
	lastWords    = 5 * time.Second
)

// gatheringListener accepts connections that gather what is written to them.
type gatheringListener struct{ net.Listener }

func (l gatheringListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newGatheringConn(conn), nil
}

// gatheringConn sends together what many have to say at once. HTTP/2 flushes
// each frame by itself: a change that a hundred watches of one client see
// would be a hundred system calls here, and as many for the client.
type gatheringConn struct {
	net.Conn

	mu      sync.Mutex
	changed *sync.Cond // something was sent, or cannot be
	held    []byte
	spare   []byte
	sending bool
	err     error
}

func newGatheringConn(conn net.Conn) *gatheringConn {
	c := &gatheringConn{Conn: conn}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// Write implements net.Conn. What could not be sent fails the next one.
func (c *gatheringConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.err == nil && len(c.held) >= gatherAtMost {
		c.changed.Wait()
	}
	if c.err != nil {
		return 0, c.err
	}
	c.held = append(c.held, p...)
	if !c.sending {
		c.sending = true
		go c.send()
	}
	return len(p), nil
}

// send sends what there is until there is no more.
func (c *gatheringConn) send() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gather()
	for c.err == nil && len(c.held) > 0 {
		out := c.held
		c.held = c.spare[:0]
		c.mu.Unlock()
		_, err := c.Conn.Write(out)
		c.mu.Lock()
		c.spare, c.err = out, err
		c.changed.Broadcast()
	}
	c.sending = false
	c.changed.Broadcast()
}

// gather lets all go on who are ready to say something, until none of them has
// anything to add. It must be called with the lock held.
func (c *gatheringConn) gather() {
	for had := 0; had != len(c.held); {
		had = len(c.held)
		c.mu.Unlock()
		runtime.Gosched()
		c.mu.Lock()
	}
}

// Close implements net.Conn. What was written is sent before.
func (c *gatheringConn) Close() error {
	c.mu.Lock()
	if c.sending {
		c.err = firstError(c.err, c.Conn.SetWriteDeadline(time.Now().Add(lastWords)))
	}
	for c.sending {
		c.changed.Wait()
	}
	c.err = firstError(c.err, net.ErrClosed)
	c.mu.Unlock()
	return c.Conn.Close()
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
