package kinds

import "sync"

// spares are internal objects that were looked at and can be used again: one is
// needed for each validation, and is larger than all else that this allocates.
type spares[I any] struct{ pool sync.Pool }

// take returns an empty object. It need not be given back.
func (s *spares[I]) take() *I {
	if in, ok := s.pool.Get().(*I); ok {
		return in
	}
	return new(I)
}

// giveBack takes objects that nobody knows any more, and forgets what is in
// them.
func (s *spares[I]) giveBack(objects ...*I) {
	for _, in := range objects {
		*in = *new(I)
		s.pool.Put(in)
	}
}
