package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestREADME runs what the README shows: the commands of its ```console
// blocks, one after the other, against a cluster of their own. Each line shown
// below a command must be printed by it, in that order; a command may print
// more.
//
// A command begins with "$ " and may go on in lines that begin with "> ".
// What differs from run to run is not compared, see normalize.
func TestREADME(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatal("there is no README.md")
	}
	require.NoError(t, err)
	commands := consoleCommands(string(text))
	require.NotEmpty(t, commands, "the README has no console block")

	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "home"), 0o755))
	t.Cleanup(func() { endClusters(filepath.Join(dir, "state")) })
	for name, value := range homeEnvironment(dir) {
		t.Setenv(name, value)
	}
	for _, c := range commands {
		run := exec.Command("sh", "-c", c.line)
		run.Dir = dir
		printed, err := run.CombinedOutput()
		t.Logf("$ %s\n%s", c.line, printed)
		require.NoError(t, err, "README.md:%d: %s", c.at, c.line)
		requireShown(t, c, string(printed))
	}
}

// consoleCommand is one command of a console block and what is shown below it.
type consoleCommand struct {
	at    int // line of the README
	line  string
	shown []string
}

func consoleCommands(markdown string) []consoleCommand {
	var all []consoleCommand
	inside := false
	for i, line := range strings.Split(markdown, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = strings.TrimSpace(line) == "```console"
		case !inside:
		case strings.HasPrefix(line, "$ "):
			all = append(all, consoleCommand{at: i + 1, line: line[2:]})
		case len(all) == 0:
		case strings.HasPrefix(line, "> ") && len(all[len(all)-1].shown) == 0:
			all[len(all)-1].line += "\n" + line[2:]
		default:
			all[len(all)-1].shown = append(all[len(all)-1].shown, line)
		}
	}
	return all
}

func requireShown(t *testing.T, c consoleCommand, printed string) {
	t.Helper()
	rest := strings.Split(printed, "\n")
	for n, shown := range c.shown {
		wanted := normalize(shown)
		if wanted == "" || wanted == "…" || wanted == "..." {
			continue
		}
		found := false
		for len(rest) > 0 && !found {
			found = normalize(rest[0]) == wanted
			rest = rest[1:]
		}
		require.True(t, found, "README.md:%d: %q is not printed (again) by %q, which prints\n%s", c.at+1+n, shown, c.line, printed)
	}
}

// varying is what a run cannot be expected to repeat: names with hashes,
// addresses, clock times, durations, counts of turns, ticks and revisions.
var varying = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`-[0-9a-z]{8,10}(-[0-9a-z]{5})?\b`), "-HASH"},
	{regexp.MustCompile(`\b\d+\.\d+\.\d+\.\d+(:\d+)?\b`), "ADDRESS"},
	{regexp.MustCompile(`\b(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d(\.\d+)?\b`), "TIME"},
	{regexp.MustCompile(`\b\d+(\.\d+)?(ms|s|m|h|d)(\d+(\.\d+)?(ms|s|m|h))*\b`), "DURATION"},
	{regexp.MustCompile(`\b(turn|tick|request|pid) \d+`), "$1 N"},
	{regexp.MustCompile(`\b\d+ turns?\b`), "N turns"},
	{regexp.MustCompile(`\br\d+\b`), "rN"},
	{regexp.MustCompile(`(/[\w.-]+){2,}/`), "DIR/"},
	{regexp.MustCompile(`\s+`), " "},
}

func normalize(line string) string {
	for _, v := range varying {
		line = v.pattern.ReplaceAllString(line, v.instead)
	}
	return strings.TrimSpace(line)
}

func TestConsoleCommands(t *testing.T) {
	commands := consoleCommands("# Demo\n```console\n$ minik8s up\nCluster is ready\n\n$ cat <<EOF\n> a\n> EOF\na\n```\n```sh\n$ not run\n```\n")
	require.Equal(t, []consoleCommand{
		{at: 3, line: "minik8s up", shown: []string{"Cluster is ready", ""}},
		{at: 6, line: "cat <<EOF\na\nEOF", shown: []string{"a"}},
	}, commands)
}

func TestNormalize(t *testing.T) {
	for _, pair := range [][2]string{
		{"web-5fc9f4bf66-6xhlw   1/1     Running   0          2s", "web-7d9c9bd5b8-zzzzz 1/1  Running 0 14m"},
		{"Settled after 27 turns in 2.6s of virtual time, now at tick 171.", "Settled after 1 turn in 10m0s of virtual time, now at tick 3."},
		{"Context is current in /home/ann/.kube/config.", "Context is current in /tmp/a/b/config."},
		{"^ r15  tick 2, 00:00:00.200  replicaset-controller default/web-5d8c7b9f4", "^ r99 tick 14, 11:22:33.400 replicaset-controller default/web-5fc9f4bf66"},
	} {
		require.Equal(t, normalize(pair[0]), normalize(pair[1]))
	}
	require.NotEqual(t, normalize("pod/web created"), normalize("pod/web deleted"))
	require.NotEqual(t, normalize("web   3/3     3            3"), normalize("web   2/3     3            2"))
}
