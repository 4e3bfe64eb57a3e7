package main

import (
	"os"
	"path/filepath"
	"strings"

	"k8s.io/cli-runtime/pkg/genericiooptions"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // kubectl's ways to log in to other clusters
	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	kubectl "k8s.io/kubectl/pkg/cmd"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
)

func main() { os.Exit(run()) }

// run is main for tests. kubectl's own commands end the process themselves
// when they fail.
func run() int {
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	if len(os.Args) > 1 && os.Args[1] == serveCommand {
		// The background process has no use for kubectl's command tree.
		return serve(os.Args[2:], streams)
	}
	logs.GlogSetter(kubectl.GetLogVerbosity(os.Args)) // as upstream's main does, whose error nobody reads
	root := newRoot(os.Args, streams)
	if calledKubectl(os.Args[0]) {
		root = newKubectl(os.Args, streams)
	}
	if err := cli.RunNoErrOutput(root); err != nil {
		cmdutil.CheckErr(err)
	}
	return 0
}

// calledKubectl says whether the binary goes by the name of kubectl.
func calledKubectl(arg0 string) bool {
	name := strings.ToLower(filepath.Base(arg0))
	return strings.TrimSuffix(name, ".exe") == "kubectl"
}
