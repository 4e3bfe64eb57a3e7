package main

import (
	"runtime/debug"
	"runtime/metrics"
)

// How much the heap may grow before garbage is collected. This process lives
// long and should stay small, but a small heap can double for the price of a
// few megabytes, and collecting it all the time costs more than that is worth.
const (
	// smallHeap is what the heap may grow to, in bytes, before memory matters.
	smallHeap = 64 << 20
	// Whatever its size, it may grow by so many percent of what is in use.
	leastGrowth, mostGrowth = 20, 150
	// largeHeap is where it no longer pays to be sparing: who fills a cluster
	// like that is waiting for it. From there on it may grow by largeGrowth.
	largeHeap, largeGrowth = 80 << 20, 50
)

// paceGC lets the garbage collector run less often while the heap is small. It
// looks again after each collection.
func paceGC() {
	debug.SetGCPercent(growth(heapInUse()))
	afterCollections(0, func() { debug.SetGCPercent(growth(heapInUse())) })
}

// growth is the percentage that a heap with so many bytes in use may grow by.
func growth(inUse uint64) int {
	switch {
	case inUse == 0:
		return mostGrowth
	case inUse >= largeHeap:
		return largeGrowth
	}
	room := max(smallHeap, inUse) - inUse
	return int(min(max(room*100/inUse, leastGrowth), mostGrowth))
}

// heapInUse is what the last collection left.
func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
