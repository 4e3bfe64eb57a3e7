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
	case "sleep", "true", ":", "false", "echo", "tail", "sh", "ash", "bash":
		return true
	}
	return false
}

// runCommand runs a command line, and says whether it understood it.
//
// Upstream: a container's own binaries, without any but sleep, true, false, echo, tail -f, and shells that run a line of these.
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
		for i, arg := range args {
			if strings.HasPrefix(arg, "-") && strings.HasSuffix(arg, "c") && i+1 < len(args) {
				return runScript(args[i+1], env), true
			}
		}
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

// runScript runs the statements of a shell script one after the other. A loop
// is taken to run for ever, and a command that is not known to succeed at once.
func runScript(script string, env Environment) Run {
	done := exits(0, 0)
	for _, statement := range statements(script) {
		words := strings.Fields(statement.text)
		if words[0] == "exec" {
			words = words[1:]
		}
		if len(words) == 0 || statement.onlyIfOK && done.ExitCode != 0 {
			continue
		}
		switch words[0] {
		case "while", "until", "for":
			return Run{ExitsAfter: Never, StopsAfter: Never, Logs: done.Logs}
		case "exit":
			if len(words) > 1 {
				code, _ := strconv.ParseUint(words[1], 10, 8)
				done.ExitCode = int32(code)
			}
			return done
		}
		step, ok := runCommand(unquote(words), env)
		if !ok {
			step = exits(0, 0)
		}
		done.Logs = append(done.Logs, step.Logs...)
		if step.ExitsAfter == Never {
			step.Logs = done.Logs
			return step
		}
		done.ExitsAfter += step.ExitsAfter
		done.ExitCode = step.ExitCode
	}
	return done
}

type statement struct {
	text     string
	onlyIfOK bool // it follows "&&"
}

func statements(script string) []statement {
	var all []statement
	for line := range strings.FieldsFuncSeq(script, func(r rune) bool { return r == ';' || r == '\n' }) {
		for i, part := range strings.Split(line, "&&") {
			if part = strings.TrimSpace(part); part != "" {
				all = append(all, statement{text: part, onlyIfOK: i > 0})
			}
		}
	}
	return all
}

func unquote(words []string) []string {
	plain := make([]string, len(words))
	for i, w := range words {
		plain[i] = strings.Trim(w, `"'`)
	}
	return plain
}

// expand replaces $NAME and ${NAME} by the environment's values.
func expand(s string, env Environment) string {
	if !strings.Contains(s, "$") {
		return s
	}
	return os.Expand(s, func(name string) string { return env.Vars[name] })
}
