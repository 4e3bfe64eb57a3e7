package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets scripts run the real command: this test binary, called
// minik8s or kubectl, is that command.
func TestMain(m *testing.M) {
	command := func() { os.Exit(run()) }
	testscript.Main(m, map[string]func(){"minik8s": command, "kubectl": command})
}

// TestScripts runs testdata/script. Each script has a home of its own and
// whatever clusters it starts; they are ended with it, also if it fails.
//
// Besides testscript's own commands there are
//
//	crash NAME           kill the process of a cluster without a warning
//	setenv VAR REGEXP    set a variable to what the last stdout matched
//	watch CMD ARGS...    start a command, wait for its first line of output
//	seen REGEXP          wait until the watched command prints it, then end it
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Setup:               privateHome,
		RequireUniqueNames:  true,
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"crash": crash, "setenv": setenv, "watch": watch, "seen": seen,
		},
	})
}

func privateHome(env *testscript.Env) error {
	for name, value := range homeEnvironment(env.WorkDir) {
		env.Setenv(name, value)
	}
	env.Values[watchedKey{}] = &watched{}
	env.Defer(func() { endClusters(filepath.Join(env.WorkDir, "state")) })
	return os.MkdirAll(filepath.Join(env.WorkDir, "home"), 0o755)
}

// homeEnvironment keeps a command away from the real user's files.
func homeEnvironment(dir string) map[string]string {
	return map[string]string{
		"HOME": filepath.Join(dir, "home"), "USERPROFILE": filepath.Join(dir, "home"),
		"XDG_STATE_HOME": filepath.Join(dir, "state"),
		"KUBECONFIG":     "", "MINIK8S_NAME": "", "NO_COLOR": "1", "TZ": "UTC",
	}
}

// endClusters stops what a test has left running.
func endClusters(state string) {
	homes, _ := filepath.Glob(filepath.Join(state, "minik8s", "*"))
	for _, dir := range homes {
		if h := (home{filepath.Base(dir), dir}); h.running() {
			_ = h.stopProcess()
		}
	}
}

func crash(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: crash NAME")
	}
	h := home{args[0], filepath.Join(ts.Getenv("XDG_STATE_HOME"), "minik8s", args[0])}
	process, err := os.FindProcess(h.record().PID)
	ts.Check(err)
	ts.Check(process.Kill())
	if !h.ended(stopPatience) {
		ts.Fatalf("process %d does not end", process.Pid)
	}
}

func setenv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: setenv VAR REGEXP")
	}
	found := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if found == nil {
		ts.Fatalf("no match for %q", args[1])
	}
	ts.Setenv(args[0], found[len(found)-1])
}

// watched is the command that a script's "watch" has started.
type watched struct {
	command *exec.Cmd
	lines   chan string
}

type watchedKey struct{}

// patience is how long a watched command may take. It only bounds failures.
const patience = time.Minute

func watch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: watch CMD ARGS...")
	}
	program, err := exec.LookPath(args[0])
	ts.Check(err)
	w := ts.Value(watchedKey{}).(*watched)
	w.command, w.lines = exec.Command(program, args[1:]...), make(chan string, 1000)
	w.command.Dir = ts.MkAbs(".")
	for name := range homeEnvironment("") {
		w.command.Env = append(w.command.Env, name+"="+ts.Getenv(name))
	}
	out, err := w.command.StdoutPipe()
	ts.Check(err)
	ts.Check(w.command.Start())
	go func() {
		defer close(w.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			w.lines <- s.Text()
		}
	}()
	w.waitFor(ts, regexp.MustCompile(""))
}

func seen(ts *testscript.TestScript, neg bool, args []string) {
	w := ts.Value(watchedKey{}).(*watched)
	if neg || len(args) != 1 || w.command == nil {
		ts.Fatalf("usage: seen REGEXP, after watch")
	}
	w.waitFor(ts, regexp.MustCompile(args[0]))
	ts.Check(w.command.Process.Kill())
	_ = w.command.Wait()
}

func (w *watched) waitFor(ts *testscript.TestScript, wanted *regexp.Regexp) {
	timeout := time.After(patience)
	for {
		select {
		case line, ok := <-w.lines:
			if !ok {
				ts.Fatalf("%s ended without printing %q", w.command, wanted)
			}
			ts.Logf("[watch] %s", line)
			if wanted.MatchString(line) {
				return
			}
		case <-timeout:
			_ = w.command.Process.Kill()
			ts.Fatalf("%s did not print %q", w.command, wanted)
		}
	}
}
