package kubeletsim

import (
	"os"
	"path"
	"strconv"
	"strings"
	"time"
)

// isCommand says whether runCommand knows the command.
func isCommand(name string) bool {
	switch path.Base(name) {
	case "sleep", "true", ":", "false", "echo", "tail":
		return true
	}
	return isShell(name) || isFileCommand(name)
}

func isShell(name string) bool {
	switch path.Base(name) {
	case "sh", "ash", "bash":
		return true
	}
	return false
}

// shellScript is the script of a command line like sh -c SCRIPT.
func shellScript(argv []string) (script string, ok bool) {
	if !isShell(argv[0]) {
		return "", false
	}
	for i, arg := range argv[1:] {
		if strings.HasPrefix(arg, "-") && strings.HasSuffix(arg, "c") && i+2 < len(argv) {
			return argv[i+2], true
		}
	}
	return "", false
}

// runCommand runs a command line, and says whether it understood it.
//
// Upstream: a container's own binaries, without any but sleep, true, false, echo, tail -f, touch, mkdir, rm, cat, ls, test, and shells that run a line of these.
func runCommand(argv []string, env Environment) (Run, bool) {
	args := argv[1:]
	switch path.Base(argv[0]) {
	case "sleep":
		return sleep(args), true
	case "true", ":":
		return exits(0, 0), true
	case "false":
		return exits(0, 1), true
	case "echo":
		return exits(0, 0, expand(strings.Join(args, " "), env)), true
	case "tail":
		if len(args) > 0 && strings.HasPrefix(args[0], "-") && strings.ContainsAny(args[0], "fF") {
			return idles(), true
		}
	case "sh", "ash", "bash":
		if script, ok := shellScript(argv); ok {
			return runScript(script, env), true
		}
	default:
		return runFileCommand(argv, env)
	}
	return Run{}, false
}

// sleep adds up its arguments, as the command does.
func sleep(args []string) Run {
	var total time.Duration
	for _, arg := range args {
		if arg == "infinity" || arg == "inf" {
			return idles()
		}
		d, ok := sleepTime(arg)
		if !ok {
			return exits(0, 1, "sleep: invalid time interval '"+arg+"'")
		}
		total += d
	}
	if len(args) == 0 {
		return exits(0, 1, "sleep: missing operand")
	}
	return exits(total, 0)
}

// sleepTime reads "10", "1.5", "2m": a number and perhaps a unit.
func sleepTime(s string) (time.Duration, bool) {
	unit := time.Second
	switch {
	case strings.HasSuffix(s, "s"):
	case strings.HasSuffix(s, "m"):
		unit = time.Minute
	case strings.HasSuffix(s, "h"):
		unit = time.Hour
	case strings.HasSuffix(s, "d"):
		unit = 24 * time.Hour
	}
	n, err := strconv.ParseFloat(strings.TrimRight(s, "smhd"), 64)
	if err != nil || n < 0 || n > 1e6 {
		return 0, false
	}
	return time.Duration(n * float64(unit)), true
}

// expand replaces $NAME and ${NAME} by the environment's values.
func expand(s string, env Environment) string {
	if !strings.Contains(s, "$") {
		return s
	}
	return os.Expand(s, func(name string) string { return env.Vars[name] })
}
