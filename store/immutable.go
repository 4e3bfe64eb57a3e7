package store

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"sync"
)

// immutability remembers what stored objects looked like, to catch whoever
// changes one in place. Snapshots share objects, so such a change would
// rewrite the past.
type immutability struct {
	mu     sync.Mutex
	stored []fingerprint
}

type fingerprint struct {
	object *Object
	sum    uint64
}

// CheckImmutable makes the store, and its forks, remember a hash of every
// object from now on. It is for tests: it costs an encoding of each write.
func (s *Store) CheckImmutable() { s.check = &immutability{} }

// VerifyImmutable returns an error that names an object which was changed
// after it had been stored.
func (s *Store) VerifyImmutable() error {
	if s.check == nil {
		return nil
	}
	s.check.mu.Lock()
	defer s.check.mu.Unlock()
	for _, f := range s.check.stored {
		if sum(f.object) != f.sum {
			return fmt.Errorf("%s %s/%s, stored at revision %d, was changed in place", f.object.Resource, f.object.Namespace, f.object.Name, f.object.ModRevision)
		}
	}
	return nil
}

func (i *immutability) remember(c *Change) {
	if i == nil || c.After == nil {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.stored = append(i.stored, fingerprint{c.After, sum(c.After)})
}

func sum(o *Object) uint64 {
	h := fnv.New64a()
	if err := json.NewEncoder(h).Encode(o); err != nil {
		fmt.Fprintf(h, "%v", err)
	}
	return h.Sum64()
}
