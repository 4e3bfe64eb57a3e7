package wire

import "runtime"

// stackOfRequest is about what the stack of a goroutine comes to, in bytes,
// that carries out a request.
const stackOfRequest = 12 << 10

// growStack makes room on the stack at once. Each request has a goroutine of its
// own, whose stack would else be copied three times on the way down, the last
// time from far down.
//
//go:noinline
func growStack() {
	var room [stackOfRequest]byte
	runtime.KeepAlive(&room)
}
