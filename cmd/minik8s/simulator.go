package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/cli-runtime/pkg/printers"
	"k8s.io/kubectl/pkg/util/templates"

	"github.com/minik8s/minik8s/control"
	"github.com/minik8s/minik8s/trace"
)

// simulator is what our own commands share.
type simulator struct {
	flags  *genericclioptions.ConfigFlags
	target *target
	genericiooptions.IOStreams

	name   string // --name
	output string // -o, of those commands that have it
}

// commands are ours, in the order of the help.
func (s *simulator) commands() []*cobra.Command {
	all := []*cobra.Command{
		s.up(), s.down(), s.status(),
		s.pause(), s.resume(), s.step(), s.tick(), s.settle(), s.advance(), s.speed(),
		s.work(), s.trace(), s.why(), s.whyScheduled(), s.history(), s.proxyRules(),
	}
	for _, c := range all {
		c.DisableFlagsInUseLine = true
		c.Long, c.Example = templates.LongDesc(c.Long), templates.Examples(c.Example)
		c.Flags().StringVar(&s.name, "name", s.target.name, "Name of the simulated cluster. MINIK8S_NAME sets it for all commands.")
	}
	return all
}

// client connects to the cluster that the command line means.
func (s *simulator) client() (*control.Client, error) {
	if s.name != s.target.name {
		if s.target.explicit {
			return nil, errors.New("name the cluster either with --name or with kubectl's flags, such as --context")
		}
		if _, err := homeOf(s.name); err != nil {
			return nil, err
		}
		s.target.aim(s.name)
	}
	config, err := s.flags.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	return control.NewClient(config)
}

// withClient is the body of most commands: connect, ask, print.
func (s *simulator) withClient(f func(context.Context, *control.Client, []string) error) func(*cobra.Command, []string) error {
	return func(_ *cobra.Command, args []string) error {
		c, err := s.client()
		if err != nil {
			return err
		}
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		return f(ctx, c, args)
	}
}

// style is how turns are shown on this output.
func (s *simulator) style(verbose bool) trace.Style {
	return trace.Style{Color: printers.AllowsColorOutput(s.Out), Verbose: verbose}
}

// outputFlag adds -o json.
func (s *simulator) outputFlag(c *cobra.Command) *cobra.Command {
	c.Flags().StringVarP(&s.output, "output", "o", "", "Output format: json, or nothing for text.")
	c.PreRunE = func(*cobra.Command, []string) error {
		if s.output != "" && s.output != "json" {
			return fmt.Errorf("--output is json or nothing, not %q", s.output)
		}
		return nil
	}
	return c
}

func (s *simulator) json() bool { return s.output == "json" }

func (s *simulator) writeJSON(v any) error {
	e := json.NewEncoder(s.Out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// object reads "pod/web", or "pod web" as two arguments.
func (s *simulator) object(args []string) (control.Object, error) {
	kind, name, ok := strings.Cut(args[0], "/")
	switch {
	case len(args) == 2 && !ok:
		name, ok = args[1], true
	case len(args) == 2:
		ok = false
	}
	if !ok || kind == "" || name == "" {
		return control.Object{}, fmt.Errorf("%q is not KIND/NAME: write for example pod/web", strings.Join(args, " "))
	}
	namespace, _, err := s.flags.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return control.Object{}, err
	}
	return control.Object{Kind: kind, Name: name, Namespace: namespace}, nil
}
