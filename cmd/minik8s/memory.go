package main

import (
	"net/http"
	"runtime"
	"runtime/debug"
	"time"
)

// quietTime is how long nobody has to ask for anything until memory is given
// back.
const quietTime = 10 * time.Second

// busyTime is how long a process that is busy keeps pages of its program that
// it may not need again.
const busyTime = time.Second

// sparing serves next, and gives back memory now and whenever it has been
// quiet for a while.
func sparing(next http.Handler) http.Handler {
	giveBackMemory()
	quiet := time.AfterFunc(quietTime, giveBackMemory)
	afterCollections(busyTime, unmapProgram)
	go func() {
		for range time.Tick(quietTime) {
			unmapProgram() // heartbeats map it in again
		}
	}()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		quiet.Reset(quietTime)
		next.ServeHTTP(w, r)
	})
}

// afterCollections calls f after collections of garbage, but not more often
// than that. An idle process has few of them.
func afterCollections(atMost time.Duration, f func()) {
	last := time.Now()
	// A cleanup runs after the collection that finds its object gone.
	var again func(struct{})
	again = func(struct{}) {
		if now := time.Now(); now.Sub(last) >= atMost {
			last = now
			f()
		}
		runtime.AddCleanup(new([16]byte), again, struct{}{})
	}
	again(struct{}{})
}

// giveBackMemory gives back free memory and the pages of the program itself.
func giveBackMemory() {
	debug.FreeOSMemory()
	unmapProgram()
}
