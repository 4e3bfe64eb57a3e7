// Package engine runs a world: it moves the clock, tells components what has
// changed, gives each its turn, and carries out what they plan.
//
// It models what surrounds every controller in a real cluster: informers,
// work queues with back-off, timers, leader election's "one at a time", and
// the passing of time. Everything it knows between two turns is a row of the
// store, so a snapshot of the store is a snapshot of it.
//
// It leaves out concurrency: turns of one tick are one after the other, in a
// fixed order, and all read the same frozen view. It names no component; the
// root package lists them.
//
// Read next: tick.go for the clock, deliver.go for what wakes a component,
// turn.go for a turn, faults.go for what can go wrong on purpose.
package engine
