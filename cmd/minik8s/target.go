package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/minik8s/minik8s/apiserver/wire"
)

// target is the cluster that a command line means.
//
// It is the simulated cluster, by the name of MINIK8S_NAME or --name, whatever
// kubectl's current context is: a tutorial's commands must not end up in a
// real cluster because another tool has moved that pointer. Only flags choose
// another cluster. Its context is looked up where kubectl would (KUBECONFIG,
// ~/.kube/config), so that a namespace set there is heeded; if it is not there
// or out of date, the cluster's own admin.conf serves.
type target struct {
	name     string
	explicit bool // a flag names a cluster; all is as in kubectl
	flags    *genericclioptions.ConfigFlags
	// completing: the shell wants suggestions, not an explanation.
	completing bool
	// unknown: neither a context nor a process of that name is to be found.
	unknown bool
}

func newTarget(flags *genericclioptions.ConfigFlags, args []string) *target {
	t := &target{name: nameFromEnvironment(), flags: flags, explicit: namesCluster(args)}
	t.completing = len(args) > 1 && strings.HasPrefix(args[1], "__complete")
	t.aim(t.name)
	flags.WithWrapConfigFn(t.wrap)
	return t
}

// namesCluster looks for a flag with which the user chooses a cluster. The
// flags are not parsed yet, because shell completion needs the answer as well.
func namesCluster(args []string) bool {
	for _, arg := range args {
		if arg == "--" {
			return false
		}
		flag, _, _ := strings.Cut(arg, "=")
		switch flag {
		case "--context", "--kubeconfig", "--server", "--cluster", "--user", "-s":
			return true
		}
	}
	return false
}

// aim points the flags' defaults at a simulated cluster.
func (t *target) aim(name string) {
	if t.name = name; t.explicit {
		return
	}
	*t.flags.Context, *t.flags.KubeConfig, t.unknown = "", "", false
	h, err := homeOf(name)
	if err != nil {
		t.unknown = true
		return
	}
	record := h.record()
	server := contextServer(name)
	switch {
	case server != "" && (record == nil || record.Server == server):
		*t.flags.Context = name
	case record != nil:
		*t.flags.KubeConfig = h.path("admin.conf")
	default:
		t.unknown = true
	}
}

// contextServer is the address behind a context, or "" if there is none.
func contextServer(name string) string {
	config, err := clientcmd.NewDefaultClientConfigLoadingRules().Load()
	if err != nil {
		return ""
	}
	context := config.Contexts[name]
	if context == nil || config.Clusters[context.Cluster] == nil {
		return ""
	}
	return config.Clusters[context.Cluster].Server
}

// wrap has connections explain themselves when nobody is there.
func (t *target) wrap(c *rest.Config) *rest.Config {
	c.UserAgent = "minik8s/" + wire.Version().GitVersion
	if t.explicit {
		return c
	}
	if t.unknown {
		return &rest.Config{Host: "https://minik8s.invalid", Transport: absent{t, nil}}
	}
	c.Wrap(func(next http.RoundTripper) http.RoundTripper { return absent{t, next} })
	return c
}

// absent is the connection to a cluster that may not be running. If it is not,
// one line says so and the command ends there, because kubectl would try again
// several times and print each failure.
type absent struct {
	target *target
	next   http.RoundTripper
}

func (a absent) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.next != nil {
		response, err := a.next.RoundTrip(r)
		if err == nil || r.Context().Err() != nil {
			return response, err
		}
		if h, homeErr := homeOf(a.target.name); homeErr == nil && h.running() {
			return response, err
		}
	}
	err := notRunning(a.target.name)
	if !a.target.completing {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return nil, err
}

// notRunning says how to get a cluster of that name, or to one that is there.
func notRunning(name string) error {
	if others := runningClusters(); len(others) > 0 {
		return fmt.Errorf("no cluster %q is running, but %s; choose it with: export MINIK8S_NAME=%s", name, inWords(others), others[0])
	}
	up := "minik8s up"
	if name != defaultName {
		up += " --name " + name
	}
	return fmt.Errorf("no cluster %q is running; start one with: %s", name, up)
}

func inWords(clusters []string) string {
	quoted := make([]string, len(clusters))
	for i, name := range clusters {
		quoted[i] = strconv.Quote(name)
	}
	if len(quoted) == 1 {
		return quoted[0] + " is"
	}
	return strings.Join(quoted, " and ") + " are"
}
