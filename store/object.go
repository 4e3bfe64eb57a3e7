package store

import (
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Object is one stored value with etcd's metadata. It is never changed once
// stored; a write stores a new one.
type Object struct {
	Resource  schema.GroupResource
	Namespace string
	Name      string

	// Value is the API object, shared by all who read it.
	Value any

	// Owners and Node are what the object is indexed by besides its key:
	// the UIDs of its owner references and, for a Pod, spec.nodeName.
	Owners []string
	Node   string
	// Lease, if not zero, removes the object when it expires.
	Lease LeaseID

	// CreateRevision is the revision that created the object, ModRevision the
	// one that last wrote it, Version the number of writes since creation.
	CreateRevision, ModRevision, Version int64

	key []byte
}

// Origin says who made a change, when and why.
type Origin struct {
	Tick  int64
	Time  time.Time
	Actor string // the API user
	// Turn numbers the turn that the change was part of, from 1. It is zero
	// for a request from outside, which has its place in the journal, Input.
	Turn  int64
	Input int64
	// Component and Key say whose turn it was: "replicaset-controller", "default/web".
	Component, Key string
	// Cause is the revision of the change that woke the turn.
	Cause int64
	// Reason is the component's reason, or the command that came from outside.
	Reason string
}

// Change is one row of the change log. Before is nil for a creation, After
// for a deletion.
type Change struct {
	Revision int64
	Origin
	Before, After *Object
}

// Object is the changed object: as it is now or, if it is gone, as it was.
func (c *Change) Object() *Object {
	if c.After != nil {
		return c.After
	}
	return c.Before
}
