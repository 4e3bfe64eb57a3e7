package kubeletsim

import (
	"strconv"
	"strings"
)

// runScript runs the statements of a shell script one after the other. A loop
// is taken to run for ever, and a command that is not known to succeed at once.
func runScript(script string, env Environment) Run {
	done := exits(0, 0)
	finds := env.Finds
	env.Finds = func(path string) bool {
		for i := len(done.Files) - 1; i >= 0; i-- {
			if done.Files[i].Path == path {
				return !done.Files[i].Removed
			}
		}
		return finds != nil && finds(path) || finds == nil && isStandardFile(path)
	}
	for _, s := range statements(script) {
		if s.after == "&&" && done.ExitCode != 0 || s.after == "||" && done.ExitCode == 0 {
			continue
		}
		words, out, errs := redirections(s.words)
		if len(words) > 0 && words[0] == "exec" {
			words = words[1:]
		}
		if len(words) == 0 {
			continue
		}
		switch words[0] {
		case "while", "until", "for":
			done.ExitsAfter, done.ExitCode = Never, 0
			return done
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
		done = andThen(done, redirect(step, out, errs))
		if done.ExitsAfter == Never {
			return done
		}
	}
	return done
}

// andThen is a run that is followed by another.
func andThen(first, next Run) Run {
	first.Logs = append(first.Logs, next.Logs...)
	for _, f := range next.Files {
		f.After += first.ExitsAfter
		first.Files = append(first.Files, f)
	}
	if next.ExitsAfter == Never {
		first.ExitsAfter = Never
	} else {
		first.ExitsAfter += next.ExitsAfter
	}
	first.ExitCode, first.StopsAfter = next.ExitCode, next.StopsAfter
	return first
}

// statement is one simple command of a script.
type statement struct {
	words []string
	after string // what stands before it: "&&", "||" or nothing
}

func statements(script string) []statement {
	var all []statement
	for line := range strings.FieldsFuncSeq(script, func(r rune) bool { return r == ';' || r == '\n' }) {
		next := statement{}
		for _, word := range strings.Fields(operators.Replace(line)) {
			if word != "&&" && word != "||" {
				next.words = append(next.words, word)
				continue
			}
			if len(next.words) > 0 {
				all = append(all, next)
			}
			next = statement{after: word}
		}
		if len(next.words) > 0 {
			all = append(all, next)
		}
	}
	return all
}

// operators sets the operators between statements apart from their neighbours.
var operators = strings.NewReplacer("&&", " && ", "||", " || ")

// understands says whether all that a command line does is known.
func understands(argv []string) bool {
	script, isScript := shellScript(argv)
	if !isScript {
		return isCommand(argv[0])
	}
	for _, s := range statements(script) {
		words, _, _ := redirections(s.words)
		if len(words) > 1 && words[0] == "exec" {
			words = words[1:]
		}
		if len(words) > 0 && words[0] != "exit" && !isCommand(words[0]) {
			return false
		}
	}
	return true
}

// redirections takes the redirections off a command, and says where its output
// and its errors go; empty is where they always go.
func redirections(words []string) (command []string, out, errs string) {
	for i := 0; i < len(words); i++ {
		which, target, found := strings.Cut(words[i], ">")
		if !found || which != "" && which != "1" && which != "2" && which != "&" {
			command = append(command, words[i])
			continue
		}
		target = strings.TrimPrefix(target, ">")
		if target == "" && i+1 < len(words) {
			i++
			target = words[i]
		}
		if which != "2" {
			out = target
		}
		if which == "2" || which == "&" {
			errs = target
		}
	}
	if errs == "&1" {
		errs = out
	}
	return command, out, errs
}

// redirect sends what a command writes elsewhere, to a new file perhaps. A
// command that fails writes errors only, another one none.
func redirect(r Run, out, errs string) Run {
	target := out
	if r.ExitCode != 0 {
		target = errs
	}
	if target != "" && !strings.HasPrefix(target, "&") {
		r.Logs = nil
	}
	if out != "" && !strings.HasPrefix(out, "&") && !strings.HasPrefix(out, "/dev/") {
		r.Files = append(r.Files, FileChange{Path: out})
	}
	return r
}

func unquote(words []string) []string {
	plain := make([]string, len(words))
	for i, w := range words {
		plain[i] = strings.Trim(w, `"'`)
	}
	return plain
}
