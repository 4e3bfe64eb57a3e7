package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// unmapProgram drops the pages of the executable that are in memory. The
// kernel maps them in again, from its cache, when they are next needed. All of
// Kubernetes' types register themselves when a program starts, which touches
// nearly 100 MB, and few of these pages are looked at again.
//
// Only mappings that hold nothing but the file's own content are dropped: in
// others the linker has written addresses that the file does not have.
func unmapProgram() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer maps.Close()
	var from, to uintptr
	var mode string
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		line := lines.Text()
		var start, end uintptr
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &start, &end, &mode); n == 3 {
			if from, to = 0, 0; strings.HasSuffix(strings.TrimSuffix(line, " (deleted)"), " "+program) && !strings.Contains(mode, "w") {
				from, to = start, end
			}
		}
		if what, size, _ := strings.Cut(line, ":"); what == "Anonymous" && strings.TrimSpace(size) == "0 kB" && from != to {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED)
		}
	}
}
