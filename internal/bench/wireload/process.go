package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// process is the server's, as Linux tells of it under /proc. Without a pid it
// tells nothing.
type process struct{ pid int }

// hertz is the unit of the times in /proc, which is the same on every Linux
// that Go runs on.
const hertz = 100

// cpu is the user and system time that the process has taken.
func (p process) cpu() time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	if p.pid == 0 || err != nil {
		return 0
	}
	// The second field is the program's name, which may have spaces in it.
	_, rest, _ := strings.Cut(string(data), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / hertz
}

// resident is the memory that the process has in use, in bytes.
func (p process) resident() int64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.pid))
	if p.pid == 0 || err != nil {
		return 0
	}
	fields := strings.Fields(string(data))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
