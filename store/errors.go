package store

import (
	"errors"
	"fmt"
)

// Errors of the store, for errors.Is.
var (
	ErrNotFound  = errors.New("key not found")
	ErrExists    = errors.New("key already exists")
	ErrConflict  = errors.New("revision of key has changed")
	ErrCompacted = errors.New("required revision has been compacted")
	ErrFuture    = errors.New("required revision is a future revision")
)

// RevisionError wraps ErrCompacted and ErrFuture with what would be right.
type RevisionError struct {
	Revision       int64 // asked for
	Oldest, Newest int64 // retained
	Err            error
}

func (e *RevisionError) Error() string {
	return fmt.Sprintf("revision %d: %v (the oldest retained is %d, the newest %d)", e.Revision, e.Err, e.Oldest, e.Newest)
}

func (e *RevisionError) Unwrap() error { return e.Err }
