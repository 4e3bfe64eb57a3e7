package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/tools/clientcmd"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"
	kubectlversion "k8s.io/kubectl/pkg/cmd/version"
	"sigs.k8s.io/yaml"

	"github.com/minik8s/minik8s/apiserver/wire"
)

// replaceVersion exchanges kubectl's version command for one that knows its
// version. Upstream's learns it from the linker, which "go install" leaves out,
// and would warn on every call that 0.0 is far from the server's.
func replaceVersion(root *cobra.Command, flags *genericclioptions.ConfigFlags, streams genericiooptions.IOStreams) {
	old, _, err := root.Find([]string{"version"})
	cmdutil.CheckErr(err)
	var clientOnly bool
	var output string
	c := &cobra.Command{
		Use: old.Use, Short: old.Short, Long: old.Long, Example: old.Example,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			switch output {
			case "", "yaml", "json":
			default:
				return fmt.Errorf("--output must be 'yaml' or 'json'")
			}
			v, err := versions(flags, clientOnly)
			if writeErr := writeVersions(streams, v, output); writeErr != nil {
				return writeErr
			}
			return err
		},
	}
	c.Flags().BoolVar(&clientOnly, "client", false, "If true, shows client version only (no server required).")
	c.Flags().StringVarP(&output, "output", "o", "", "One of 'yaml' or 'json'.")
	root.RemoveCommand(old)
	root.AddCommand(c)
}

// versions asks the server for its version; what is known of the client is
// returned beside an error.
func versions(flags *genericclioptions.ConfigFlags, clientOnly bool) (kubectlversion.Version, error) {
	client := wire.Version()
	v := kubectlversion.Version{ClientVersion: &client}
	v.KustomizeVersion, _ = kubectlversion.GetKustomizeModVersion()
	if clientOnly {
		return v, nil
	}
	discovery, err := flags.ToDiscoveryClient()
	if err != nil {
		if clientcmd.IsEmptyConfig(err) {
			return v, nil
		}
		return v, err
	}
	discovery.Invalidate()
	v.ServerVersion, err = discovery.ServerVersion()
	return v, err
}

func writeVersions(streams genericiooptions.IOStreams, v kubectlversion.Version, output string) error {
	switch output {
	case "yaml":
		text, err := yaml.Marshal(&v)
		if err != nil {
			return err
		}
		fmt.Fprintln(streams.Out, string(text))
	case "json":
		text, err := json.MarshalIndent(&v, "", "  ")
		if err != nil {
			return err
		}
		fmt.Fprintln(streams.Out, string(text))
	default:
		fmt.Fprintf(streams.Out, "Client Version: %s\n", v.ClientVersion.GitVersion)
		if v.KustomizeVersion != "" {
			fmt.Fprintf(streams.Out, "Kustomize Version: %s\n", v.KustomizeVersion)
		}
		if v.ServerVersion != nil {
			fmt.Fprintf(streams.Out, "Server Version: %s\n", v.ServerVersion.GitVersion)
		}
	}
	return nil
}
