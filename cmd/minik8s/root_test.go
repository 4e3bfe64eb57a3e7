package main

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

// Our table of kubectl's groups of commands must be kubectl's own: nothing
// forgotten, nothing moved, when kubectl is upgraded.
func TestHelpGroupsAreKubectls(t *testing.T) {
	t.Setenv("PATH", "") // no plugins
	t.Setenv("HOME", t.TempDir())
	streams := genericiooptions.IOStreams{In: strings.NewReader(""), Out: io.Discard, ErrOut: io.Discard}
	upstream := newKubectl([]string{"kubectl"}, streams).UsageString()
	ours := newRoot([]string{"minik8s"}, streams).UsageString()

	simulator, rest, found := strings.Cut(strings.TrimSpace(ours), "\n\n")
	require.True(t, found)
	require.Contains(t, simulator, "Simulator Commands:\n")
	normal := func(s string) string {
		return regexp.MustCompile(` {2,}`).ReplaceAllString(strings.ReplaceAll(s, "minik8s", "kubectl"), "  ")
	}
	require.Equal(t, normal(strings.TrimSpace(upstream)), normal(rest))
}

func TestCalledKubectl(t *testing.T) {
	for name, is := range map[string]bool{
		"kubectl": true, "/usr/local/bin/kubectl": true, "kubectl.exe": true, "Kubectl.EXE": true,
		"minik8s": false, "/opt/kubectl/minik8s": false, "kubectl-minik8s": false,
	} {
		require.Equal(t, is, calledKubectl(name), name)
	}
}

func TestRenamed(t *testing.T) {
	for text, want := range map[string]string{
		"kubectl get pods":                              "minik8s get pods",
		"Use \"kubectl options\" or 'kubectl'.":         "Use \"minik8s options\" or 'minik8s'.",
		"source <(kubectl completion bash)":             "source <(minik8s completion bash)",
		"kubectl.kubernetes.io/last-applied":            "kubectl.kubernetes.io/last-applied",
		"https://kubernetes.io/docs/reference/kubectl/": "https://kubernetes.io/docs/reference/kubectl/",
		"kubectl-convert":                               "kubectl-convert",
	} {
		require.Equal(t, want, renamed(text))
	}
}

func TestNamesCluster(t *testing.T) {
	for line, want := range map[string]bool{
		"minik8s get pods":                       false,
		"minik8s get pods --context work":        true,
		"minik8s --kubeconfig=x get pods":        true,
		"minik8s get pods -s https://a":          true,
		"minik8s exec a -- curl --user me":       false,
		"minik8s create deploy --context-of=not": false,
	} {
		require.Equal(t, want, namesCluster(strings.Fields(line)), line)
	}
}
