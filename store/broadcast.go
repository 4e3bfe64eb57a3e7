package store

// This file is the one place in the deterministic core with a channel in it.
// memdb's own watch channels never fire on a snapshot, and a fork is one, so
// those who wait for news (HTTP watchers) wait here.

// broadcast is closed by the next object write, which puts another in its place.
type broadcast chan struct{}

func newBroadcast() broadcast { return make(broadcast) }

// News returns a channel that is closed by the next object write. Take it
// first and read the log after, so that nothing is missed between the two.
func (s *Store) News() <-chan struct{} {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.news
}

// announce is called with the lock held.
func (s *Store) announce() {
	close(s.news)
	s.news = newBroadcast()
}
