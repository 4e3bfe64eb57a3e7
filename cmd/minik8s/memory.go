package main

import "runtime/debug"

// lazyGC is the garbage collector's target: this process lives long and
// should stay small, and is rarely in a hurry.
const lazyGC = 50

// forgetStart gives back what only starting needed: memory and pages of the
// program itself.
func forgetStart() {
	debug.FreeOSMemory()
	unmapProgram()
}
