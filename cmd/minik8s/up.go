package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/control"
)

func (s *simulator) up() *cobra.Command {
	with := clusterOptions{}
	speed := speedValue(1)
	var foreground bool
	c := &cobra.Command{
		Use:   "up",
		Short: "Start a simulated cluster in the background",
		Long: `
			Start a simulated cluster in the background, wait until its nodes are ready, and add a context for it to the kubeconfig.

			The context has the cluster's name and becomes the current one. The kubeconfig is the one that --kubeconfig names,
			else the first in KUBECONFIG that can be written, else ~/.kube/config.`,
		Example: `
			# Start a cluster with one node
			minik8s up

			# Start one with three nodes whose clock stands, to go through it step by step
			minik8s up --nodes 3 --paused

			# Start an API server without nodes and without controllers
			minik8s up --nodes 0 --controllers ''

			# Start a second cluster beside the first
			minik8s up --name lab`,
		Args: between(0, 0, "up"),
		RunE: func(c *cobra.Command, _ []string) error {
			with.Speed = float64(speed)
			if err := with.findFiles(); err != nil {
				return err
			}
			if err := with.check(); err != nil {
				return err
			}
			if with.Nodes == 0 {
				with.Nodes = minik8s.NoNodes
			}
			start := start{order: order{s.name, with}, options: changedOptions(c)}
			if flag := c.Flags().Lookup("kubeconfig"); flag.Changed {
				start.kubeconfig = flag.Value.String()
			}
			if foreground {
				return s.upInForeground(start)
			}
			return s.upInBackground(start)
		},
	}
	flags := c.Flags()
	flags.IntVar(&with.Nodes, "nodes", 1, "How many nodes the cluster has.")
	flags.BoolVar(&with.Paused, "paused", false, "Stop the clock once the nodes are ready; minik8s step, tick or resume moves it.")
	flags.Var(&speed, "speed", "Virtual seconds per second, or max to skip all waiting.")
	flags.DurationVar(&with.Tick, "tick", 100*time.Millisecond, "Length of a tick in virtual time.")
	flags.Int64Var(&with.Seed, "seed", 0, "What names, UIDs and addresses are drawn from.")
	flags.StringSliceVar(&with.Controllers, "controllers", []string{everyController}, "Which controllers run: '*' is all of them, 'foo' is the one named foo, '-foo' all but that one, and '' none, which leaves an API server by itself.")
	flags.IntVar(&with.Port, "port", 0, "Port on loopback that the API is served on. 0 means any that is free.")
	with.apiServerOptions.addTo(flags)
	flags.BoolVar(&foreground, "foreground", false, "Stay in the foreground and go down with this command.")
	return c
}

// most is how many nodes make sense; each is a few components.
const most = 5000

func (o clusterOptions) check() error {
	switch {
	case o.Nodes < 0 || o.Nodes > most:
		return fmt.Errorf("--nodes wants a number from 0 to %d, not %d", most, o.Nodes)
	case o.Tick < time.Millisecond || o.Tick > time.Minute:
		return fmt.Errorf("--tick wants a duration from 1ms to 1m, not %s", o.Tick)
	case o.Port < 0 || o.Port > 65535:
		return fmt.Errorf("--port wants a number from 0 to 65535, not %d", o.Port)
	}
	if _, err := componentsOf(o.Controllers, minik8s.Options{}); err != nil {
		return err
	}
	return o.apiServerOptions.check()
}

// start is one call of "up".
type start struct {
	order
	kubeconfig string // --kubeconfig
	options    string // as the user gave them, for a cluster that is up already
}

// changedOptions lists the flags that would have no effect on a cluster that
// is running.
func changedOptions(c *cobra.Command) string {
	var changed []string
	for _, name := range append([]string{"nodes", "paused", "speed", "tick", "seed", "controllers", "port"}, apiServerFlags...) {
		if f := c.Flags().Lookup(name); f.Changed {
			changed = append(changed, "--"+name)
		}
	}
	return strings.Join(changed, ", ")
}

func (s *simulator) upInBackground(o start) error {
	h, err := homeOf(o.Name)
	if err != nil {
		return err
	}
	if err := h.make(); err != nil {
		return fmt.Errorf("making the state directory: %w", err)
	}
	if h.running() {
		return s.upAlready(h, o)
	}
	if h.record() != nil {
		fmt.Fprintf(s.Out, "Cleaning up after a cluster %q that ended without \"minik8s down\".\n", h.name)
	}
	if err := spawn(h, o.order); err != nil {
		if h.running() { // another "up" was quicker
			return s.upAlready(h, o)
		}
		return err
	}
	return s.introduce(h, o)
}

// upInForeground serves in this process until it is interrupted.
func (s *simulator) upInForeground(o start) error {
	h, err := homeOf(o.Name)
	if err != nil {
		return err
	}
	if h.running() {
		return fmt.Errorf("cluster %q is running already; stop it with: minik8s down", h.name)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = serveCluster(ctx, o.order, func(*record) error {
		if err := s.introduce(h, o); err != nil {
			return err
		}
		fmt.Fprintln(s.Out, "\nPress Ctrl-C to stop the cluster.")
		return nil
	})
	return errors.Join(err, h.forgetContext(o.kubeconfig))
}

// introduce adds the context and says what can be typed next.
func (s *simulator) introduce(h home, o start) error {
	file, err := h.rememberContext(o.kubeconfig)
	if err != nil {
		return err
	}
	record := h.record()
	fmt.Fprintf(s.Out, "Cluster %q is ready: %s, at %s.\n", h.name, nodesInWords(o.With.Nodes), record.Server)
	fmt.Fprintf(s.Out, "Context %q is now the current one in %s.\n", h.name, file)
	if o.With.Paused {
		fmt.Fprintln(s.Out, "Its clock stands; minik8s step, tick and resume move it.")
	}
	fmt.Fprintln(s.Out, "\nNext:")
	if h.name != nameFromEnvironment() {
		fmt.Fprintf(s.Out, "  export MINIK8S_NAME=%-14smake it the one that minik8s commands mean\n", h.name)
	}
	fmt.Fprint(s.Out, `  minik8s create deployment web --image=nginx --replicas=3
  minik8s get pods --watch
  minik8s pause && minik8s step     run one controller's turn at a time
  minik8s why deploy/web            ask how it came to be as it is
  minik8s down                      stop the cluster
`)
	return nil
}

func nodesInWords(n int) string {
	switch n {
	case minik8s.NoNodes:
		return "no nodes"
	case 1:
		return "1 node"
	}
	return fmt.Sprintf("%d nodes", n)
}

// upAlready makes sure that the context is there, and says how the cluster is.
func (s *simulator) upAlready(h home, o start) error {
	state, err := h.ask(func(ctx context.Context, c *control.Client) (control.State, error) { return c.State(ctx) })
	if err != nil {
		return fmt.Errorf("the process of cluster %q does not answer (%w); stop it with: minik8s down", h.name, err)
	}
	if _, err := h.rememberContext(o.kubeconfig); err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "Cluster %q is already running.\n", h.name)
	if o.options != "" {
		fmt.Fprintf(s.Out, "%s had no effect; to start anew: minik8s down, then minik8s up.\n", o.options)
	}
	return s.printState(h, state)
}
