// Package store is the world: an etcd-like store on go-memdb.
//
// It models etcd as kube-apiserver uses it: one revision per write; create
// and mod revision and version on each object; ranges in key order;
// compare-and-swap; a change log that can be watched from any retained
// revision; compaction; leases. Beside the objects it keeps plain rows (work
// queues, timers, turns, the journal), so that a snapshot is the
// whole world and costs nothing to take.
//
// It leaves out etcd's raft, its on-disk form, and bytes: a stored value is
// the Go object itself, which nobody may change once it is stored
// (see CheckImmutable).
//
// Read next: store.go for writing, snapshot.go for reading, history.go for
// time travel; then apiserver, the only package that writes objects.
package store
