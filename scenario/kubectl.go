package scenario

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"
	"k8s.io/kubectl/pkg/cmd"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/minik8s/minik8s"
)

// kubeconfig only has to be there: requests go to the cluster in the process,
// as its administrator. Without a token kubectl would ask for a password.
const kubeconfig = `apiVersion: v1
kind: Config
clusters: [{name: minik8s, cluster: {server: "https://minik8s.invalid"}}]
contexts: [{name: minik8s, context: {cluster: minik8s, user: minik8s}}]
users: [{name: minik8s, user: {token: unused}}]
current-context: minik8s
`

// kubectl is kubectl's own command tree, talking to a cluster without a socket.
type kubectl struct {
	cluster *minik8s.Cluster
	dir     string // for its caches
}

func newKubectl(c *minik8s.Cluster, dir string) (*kubectl, error) {
	k := &kubectl{cluster: c, dir: dir}
	return k, os.WriteFile(k.config(), []byte(kubeconfig), 0o600)
}

func (k *kubectl) config() string { return filepath.Join(k.dir, "config") }

// exit is how kubectl ends when it fails.
type exit struct {
	message string
	code    int
}

// run carries out one command line and returns what it prints: standard
// output, then standard error, then the exit code if it is not zero.
func (k *kubectl) run(args []string, stdin string) (printed string) {
	args, err := k.inputAsFile(args, stdin)
	if err != nil {
		return "error: " + err.Error() + "\nexit code 1\n"
	}
	var out, errOut bytes.Buffer
	streams := genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: &out, ErrOut: &errOut}
	flags := genericclioptions.NewConfigFlags(true).WithDeprecatedPasswordFlag().WithWrapConfigFn(func(*rest.Config) *rest.Config {
		return k.cluster.RESTConfig()
	})
	command := cmd.NewKubectlCommand(cmd.KubectlOptions{ConfigFlags: flags, Arguments: append([]string{"kubectl"}, args...), IOStreams: streams})
	command.SetArgs(append(args, "--kubeconfig="+k.config(), "--cache-dir="+filepath.Join(k.dir, "cache")))
	command.SetIn(streams.In)
	command.SetOut(&out)
	command.SetErr(&errOut)

	cmdutil.BehaviorOnFatal(func(message string, code int) { panic(exit{message, code}) })
	defer cmdutil.DefaultBehaviorOnFatal()
	defer func() {
		switch e := recover().(type) {
		case nil:
		case exit:
			if e.message != "" && !strings.HasSuffix(e.message, "\n") {
				e.message += "\n"
			}
			printed = out.String() + errOut.String() + e.message + fmt.Sprintf("exit code %d\n", e.code)
		default:
			panic(e)
		}
	}()
	if err := command.Execute(); err != nil {
		return out.String() + errOut.String() + "error: " + err.Error() + "\nexit code 1\n"
	}
	return out.String() + errOut.String()
}

// inputAsFile has kubectl read a file where it was to read its input: for
// `-f -` it goes to the process's own, whatever streams it was given.
func (k *kubectl) inputAsFile(args []string, stdin string) ([]string, error) {
	args = slices.Clone(args)
	file := filepath.Join(k.dir, "input.yaml")
	for i, arg := range args {
		if arg == "-" && i > 0 && (args[i-1] == "-f" || args[i-1] == "--filename") {
			args[i] = file
			if err := os.WriteFile(file, []byte(stdin), 0o600); err != nil {
				return nil, fmt.Errorf("keep the input of kubectl: %w", err)
			}
		}
	}
	return args, nil
}
