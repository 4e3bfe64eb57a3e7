package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How much the heap may grow before garbage is collected. This process lives
// long and should stay small, but a small heap can double for the price of a
// few megabytes, and collecting it all the time costs more than that is worth.
const (
	// smallHeap is what the heap may grow to, in bytes, before memory matters.
	smallHeap = 52 << 20
	// A heap that comes near to it may still grow by so many percent of what is
	// in use, and no heap by more.
	leastGrowth, mostGrowth = 12, 150
	// largeGrowth is for a heap that is larger all the same: it no longer pays
	// to be sparing, as who fills a cluster like that is waiting for it.
	largeGrowth = 50
)

// hugeHeap is the heap, in bytes, whose collection is work for all processors.
const hugeHeap = 96 << 20

// pace lets the garbage collector run less often while the heap is small, and
// leaves processors to the clients. It looks again after each collection.
func pace() {
	all := runtime.GOMAXPROCS(0)
	adapt := func() {
		inUse := heapInUse()
		debug.SetGCPercent(growth(inUse))
		if os.Getenv("GOMAXPROCS") == "" {
			runtime.GOMAXPROCS(processors(inUse, all))
		}
	}
	adapt()
	afterCollections(0, adapt)
}

// processors is how many of the machine's processors a process with so many
// bytes in use runs on: half of them. There is one door, so more are hardly
// faster; but threads that wake each other for a few microseconds of work take
// the processors from the clients, which run on the same machine.
func processors(inUse uint64, all int) int {
	if inUse >= hugeHeap {
		return all
	}
	return max(all/2, 1)
}

// growth is the percentage that a heap with so many bytes in use may grow by.
func growth(inUse uint64) int {
	switch {
	case inUse == 0:
		return mostGrowth
	case inUse >= smallHeap:
		return largeGrowth
	}
	return int(min(max((smallHeap-inUse)*100/inUse, leastGrowth), mostGrowth))
}

// heapInUse is what the last collection left.
func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
