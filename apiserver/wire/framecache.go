package wire

import (
	"sync"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/minik8s/minik8s/kinds"
)

// frameCacheSize is how many encoded events are kept: enough for watches that
// run abreast, each a little behind or ahead.
const frameCacheSize = 512

// frameCache keeps the newest encoded watch events, so that one encoding of
// an event serves all who watch in the same form.
type frameCache struct {
	mu     sync.Mutex
	frames map[frameKey]*frame
	order  []frameKey // a ring
	next   int
}

// frameKey says what an encoded event depends on.
type frameKey struct {
	kind      *kinds.Kind // a custom one changes with its definition
	resource  schema.GroupVersionResource
	revision  int64
	event     watch.EventType
	convert   schema.GroupVersionKind // zero: the object itself
	mediaType string
}

type frame struct {
	once  sync.Once
	bytes []byte
	err   error
}

func newFrameCache() *frameCache {
	return &frameCache{frames: map[frameKey]*frame{}, order: make([]frameKey, frameCacheSize)}
}

// get returns the encoded event, which nobody may change. Of those who ask for
// it at the same time, one encodes it and the others wait.
func (c *frameCache) get(key frameKey, encode func() ([]byte, error)) ([]byte, error) {
	f := c.frame(key)
	f.once.Do(func() { f.bytes, f.err = encode() })
	return f.bytes, f.err
}

func (c *frameCache) frame(key frameKey) *frame {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.frames[key]; ok {
		return f
	}
	delete(c.frames, c.order[c.next])
	c.order[c.next] = key
	c.next = (c.next + 1) % len(c.order)
	f := &frame{}
	c.frames[key] = f
	return f
}
