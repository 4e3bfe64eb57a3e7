package kubeletsim

import (
	"path"
	"strings"
)

func isFileCommand(name string) bool {
	switch path.Base(name) {
	case "touch", "mkdir", "rm", "cat", "ls", "test", "[":
		return true
	}
	return false
}

// runFileCommand runs a command that makes, removes or looks for files, and
// says whether it understood it. What is in a file is not known: cat prints nothing.
func runFileCommand(argv []string, env Environment) (Run, bool) {
	paths := operands(argv[1:])
	switch name := path.Base(argv[0]); name {
	case "touch", "mkdir", "rm":
		done := exits(0, 0)
		for _, p := range paths {
			done.Files = append(done.Files, FileChange{Path: p, Removed: name == "rm"})
		}
		return done, true
	case "cat", "ls":
		done := exits(0, 0)
		for _, p := range paths {
			if !env.finds(p) {
				complaint, code := notFound(name, p, env.BusyBox)
				done.Logs, done.ExitCode = append(done.Logs, complaint), code
			}
		}
		return done, true
	case "test", "[":
		return testFile(strings.TrimSuffix(strings.Join(argv[1:], " "), " ]"), env)
	}
	return Run{}, false
}

// testFile runs the tests of test that are about one file.
func testFile(expression string, env Environment) (Run, bool) {
	expression, not := strings.CutPrefix(expression, "! ")
	option, file, _ := strings.Cut(expression, " ")
	switch option {
	case "-e", "-f", "-d", "-r", "-s", "-x", "-S":
		if env.finds(strings.Trim(file, `"'`)) != not {
			return exits(0, 0), true
		}
		return exits(0, 1), true
	}
	return Run{}, false
}

// notFound is how cat and ls complain of a file that is not there.
func notFound(command, file string, busyBox bool) (complaint string, code int32) {
	switch {
	case command == "ls" && busyBox:
		return "ls: " + file + ": No such file or directory", 1
	case command == "ls":
		return "ls: cannot access '" + file + "': No such file or directory", 2
	case busyBox:
		return "cat: can't open '" + file + "': No such file or directory", 1
	}
	return "cat: " + file + ": No such file or directory", 1
}

// operands are a command's arguments that are no options.
func operands(args []string) []string {
	var all []string
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			all = append(all, a)
		}
	}
	return all
}

func (env Environment) finds(file string) bool {
	if env.Finds == nil {
		return isStandardFile(file)
	}
	return env.Finds(file)
}
