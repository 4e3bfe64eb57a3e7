package main

import (
	"net/http"
	"runtime/debug"
	"time"
)

// quietTime is how long nobody has to ask for anything until memory is given
// back.
const quietTime = 10 * time.Second

// sparing serves next, and gives back memory now and whenever it has been
// quiet for a while.
func sparing(next http.Handler) http.Handler {
	giveBackMemory()
	quiet := time.AfterFunc(quietTime, giveBackMemory)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		quiet.Reset(quietTime)
		next.ServeHTTP(w, r)
	})
}

// giveBackMemory gives back free memory and the pages of the program itself.
func giveBackMemory() {
	debug.FreeOSMemory()
	unmapProgram()
}
