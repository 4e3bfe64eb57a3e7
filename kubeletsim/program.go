package kubeletsim

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Program says what the process in a container does when it is started. It is
// a pure function: the same container in the same environment does the same.
type Program func(corev1.Container, Environment) Run

// Environment is what a process finds when it starts.
type Environment struct {
	Now  time.Time
	Vars map[string]string
	// Finds says whether a file is there. Nil leaves only what every system has.
	Finds func(path string) bool
	// Awaited says that others wait for the process to end: it is that of an
	// init container.
	Awaited bool
	// BusyBox commands word their errors otherwise than those of GNU.
	BusyBox bool
}

// Never is the duration of what does not happen.
const Never = time.Duration(-1)

// Run is one run of a program, foreseen from its start.
type Run struct {
	// ExitsAfter is when the program ends by itself, or Never.
	ExitsAfter time.Duration
	// ExitCode is how it ends by itself.
	ExitCode int32
	// Logs are the lines that it writes when it starts.
	Logs []string
	// StopsAfter is how long it takes to end after a SIGTERM, with exit code 0.
	// A program that ignores the signal has Never, and is killed (137) when its
	// grace period is over.
	StopsAfter time.Duration
	// Files are those that it makes and removes.
	Files []FileChange
}

// FileChange is a file that a program makes, or removes, some time after its start.
type FileChange struct {
	After   time.Duration
	Path    string
	Removed bool
}

// serves is the run of a server that shuts down properly.
func serves(stopsAfter time.Duration, logs ...string) Run {
	return Run{ExitsAfter: Never, StopsAfter: stopsAfter, Logs: logs}
}

// idles is a process that waits for ever. As process 1 of its container it
// gets no default action for signals, so SIGTERM does nothing to it.
func idles() Run { return Run{ExitsAfter: Never, StopsAfter: Never} }

// exits is a run that ends by itself.
func exits(after time.Duration, code int32, logs ...string) Run {
	return Run{ExitsAfter: after, ExitCode: code, StopsAfter: Never, Logs: logs}
}

// run says what a container does: its command, if it gives one, or else what
// its image is known for.
func run(c corev1.Container, env Environment) Run {
	img, err := parseImage(c.Image)
	if err != nil {
		return unheardOf(env)
	}
	known, ok := catalogue(img)
	if argv := commandLine(c, known.shell); len(argv) > 0 {
		if r, understood := runCommand(argv, env); understood {
			return r
		}
	}
	if ok && len(c.Command) == 0 {
		return known.program(c, env)
	}
	return unheardOf(env)
}

// unheardOf is the run of a program that nobody knows. It is a server that waits
// for ever, unless somebody waits for its end.
func unheardOf(env Environment) Run {
	if env.Awaited {
		return exits(time.Second, 0)
	}
	return idles()
}

// commandLine is what a container asks to be run, expanded, or nothing if that
// is up to the image.
//
// Upstream: container images, without reading an image's real entrypoint: arguments that name a known command are taken to replace it, others to be passed on.
func commandLine(c corev1.Container, shell bool) []string {
	if len(c.Command) > 0 {
		return append(append([]string(nil), c.Command...), c.Args...)
	}
	if shell || len(c.Args) > 0 && isCommand(c.Args[0]) {
		return c.Args
	}
	return nil
}
