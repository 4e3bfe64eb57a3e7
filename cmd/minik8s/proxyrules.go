package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/minik8s/minik8s/control"
	"github.com/minik8s/minik8s/proxysim"
)

func (s *simulator) proxyRules() *cobra.Command {
	var node string
	c := s.outputFlag(&cobra.Command{
		Use:   "proxy-rules",
		Short: "Show where kube-proxy sends the connections to each service",
		Long: `
			Show the rules that kube-proxy has programmed on each node, as iptables-save would: a connection to a service's
			address jumps from KUBE-SERVICES to the service's chain, KUBE-SVC-…, from there with equal chances to the chain of
			one of its endpoints, KUBE-SEP-…, and that sends it to the endpoint's address. With -o json, the same as data, with
			the pods behind the endpoints.`,
		Args: between(0, 0, "proxy-rules [--node NODE]"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, _ []string) error {
			nodes, err := c.ProxyRules(ctx, node)
			if err != nil {
				return err
			}
			if s.json() {
				return s.writeJSON(nodes)
			}
			for _, n := range nodes {
				fmt.Fprintf(s.Out, "# %s\n", n.Node)
				if err := proxysim.Render(n.Rules, s.Out); err != nil {
					return err
				}
			}
			return nil
		}),
	})
	c.Flags().StringVar(&node, "node", "", "Only the rules of this node.")
	return c
}
