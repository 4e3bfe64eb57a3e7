package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	kubectl "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/plugin"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
	"k8s.io/kubectl/pkg/util/templates"
)

const rootLong = `minik8s is a Kubernetes cluster that fits in one process, with kubectl built in.

Start one with "minik8s up" and use kubectl's commands as in any tutorial. They talk to the
simulated cluster, whatever kubectl's current context is, unless --context, --kubeconfig,
--server, --cluster or --user names another. MINIK8S_NAME chooses between several simulated clusters.`

// newKubectl is kubectl's command tree and nothing of ours, except that
// "version" knows which release it was built from.
func newKubectl(args []string, streams genericiooptions.IOStreams) *cobra.Command {
	flags := newConfigFlags(streams)
	root := kubectl.NewDefaultKubectlCommandWithArgs(kubectl.KubectlOptions{
		PluginHandler: kubectl.NewDefaultPluginHandler(plugin.ValidPluginFilenamePrefixes),
		Arguments:     args,
		ConfigFlags:   flags,
		IOStreams:     streams,
	})
	replaceVersion(root, flags, streams)
	return root
}

// newRoot is kubectl's command tree by our name with our own commands added.
func newRoot(args []string, streams genericiooptions.IOStreams) *cobra.Command {
	flags := newConfigFlags(streams)
	target := newTarget(flags, args)
	cli := &simulator{flags: flags, target: target, IOStreams: streams}
	ours := cli.commands()

	options := kubectl.KubectlOptions{Arguments: args, ConfigFlags: flags, IOStreams: streams}
	if !names(ours, args) {
		// A plugin kubectl-up must not take our place.
		options.PluginHandler = kubectl.NewDefaultPluginHandler(plugin.ValidPluginFilenamePrefixes)
	}
	root := kubectl.NewDefaultKubectlCommandWithArgs(options)
	root.Use = "minik8s"
	root.Short, root.Long = "A Kubernetes cluster in one process, with kubectl built in", rootLong
	replaceVersion(root, flags, streams)
	root.AddCommand(ours...)
	groups := append(templates.CommandGroups{{Message: "Simulator Commands:", Commands: ours}}, kubectlGroups(root)...)
	templates.ActsAsRootCommand(root, []string{"options", "alpha"}, groups...)
	sayMinik8s(root, ours)
	for _, c := range ours {
		c.SetFlagErrorFunc(flagError)
	}
	return root
}

func newConfigFlags(streams genericiooptions.IOStreams) *genericclioptions.ConfigFlags {
	return genericclioptions.NewConfigFlags(true).WithDeprecatedPasswordFlag().
		WithDiscoveryBurst(300).WithDiscoveryQPS(50).WithWarningPrinter(streams)
}

// names says whether the first argument that is no flag is one of commands.
func names(commands []*cobra.Command, args []string) bool {
	for _, arg := range args[min(1, len(args)):] {
		if !strings.HasPrefix(arg, "-") {
			return slices.ContainsFunc(commands, func(c *cobra.Command) bool { return c.Name() == arg })
		}
	}
	return false
}

// groupsOfKubectl repeats how kubectl's help is divided, which its command
// tree does not tell. What is not listed shows under "Other Commands:".
var groupsOfKubectl = []struct{ message, commands string }{
	{"Basic Commands (Beginner):", "create expose run set"},
	{"Basic Commands (Intermediate):", "explain get edit delete"},
	{"Deploy Commands:", "rollout scale autoscale"},
	{"Cluster Management Commands:", "certificate cluster-info top cordon uncordon drain taint"},
	{"Troubleshooting and Debugging Commands:", "describe logs attach exec port-forward proxy cp auth debug events"},
	{"Advanced Commands:", "diff apply patch replace wait kustomize"},
	{"Settings Commands:", "label annotate completion"},
}

func kubectlGroups(root *cobra.Command) templates.CommandGroups {
	var groups templates.CommandGroups
	for _, g := range groupsOfKubectl {
		group := templates.CommandGroup{Message: g.message}
		for _, name := range strings.Fields(g.commands) {
			command, _, err := root.Find([]string{name})
			cmdutil.CheckErr(err)
			group.Commands = append(group.Commands, command)
		}
		groups = append(groups, group)
	}
	return append(groups, plugin.GetPluginCommandGroup(root))
}
