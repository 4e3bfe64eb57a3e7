package match

import (
	"sync"

	"github.com/minik8s/minik8s/kinds"
)

// Compiled remembers what was made of registered objects. They are frozen, so
// the object itself is the key, and worlds that have an object in common share
// what was made of it. The zero value is ready for use.
type Compiled[T any] struct {
	mu   sync.Mutex
	made map[kinds.Object]T
}

// maxCompiled bounds what is remembered. A change of an object makes another.
const maxCompiled = 256

// Of returns what make has made, or makes now, of the object.
func (c *Compiled[T]) Of(o kinds.Object, make func(kinds.Object) T) T {
	c.mu.Lock()
	defer c.mu.Unlock()
	if made, ok := c.made[o]; ok {
		return made
	}
	if c.made == nil || len(c.made) >= maxCompiled {
		c.made = map[kinds.Object]T{}
	}
	made := make(o)
	c.made[o] = made
	return made
}

// All is Of for each of the objects.
func (c *Compiled[T]) All(objects []kinds.Object, make func(kinds.Object) T) []T {
	var all []T
	for _, o := range objects {
		all = append(all, c.Of(o, make))
	}
	return all
}
