package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/minik8s/minik8s/control"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

func (s *simulator) proxyRules() *cobra.Command {
	var node string
	c := s.outputFlag(&cobra.Command{
		Use:   "proxy-rules",
		Short: "Show where kube-proxy sends the connections to each service",
		Long: `
			Show the rules that kube-proxy has programmed on each node: for each port of a service, where it can be reached
			and which endpoints answer, each with an equal share.`,
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
				printRules(s.Out, n)
			}
			return nil
		}),
	})
	c.Flags().StringVar(&node, "node", "", "Only the rules of this node.")
	return c
}

func printRules(w io.Writer, n control.NodeRules) {
	fmt.Fprintf(w, "# %s\n", n.Node)
	for _, rules := range n.Rules {
		for _, port := range rules.Ports {
			printPort(w, rules, port)
		}
	}
}

// printPort writes a line for each way in and one for each endpoint.
func printPort(w io.Writer, rules *nodelocal.ProxyRules, port nodelocal.ProxyPort) {
	name := rules.Service
	if port.Name != "" {
		name += ":" + port.Name
	}
	for _, ip := range port.ClusterIPs {
		fmt.Fprintf(w, "%s  %s %s:%d\n", name, port.Protocol, ip, port.Port)
	}
	for _, ip := range port.ExternalIPs {
		fmt.Fprintf(w, "%s  %s %s:%d\n", name, port.Protocol, ip, port.Port)
	}
	if port.NodePort != 0 {
		fmt.Fprintf(w, "%s  %s any address of the node, port %d\n", name, port.Protocol, port.NodePort)
	}
	if rules.SessionAffinity == "ClientIP" {
		fmt.Fprintf(w, "  a client keeps its endpoint for %d seconds\n", rules.AffinitySeconds)
	}
	if len(port.Endpoints) == 0 {
		fmt.Fprintln(w, "  -> REJECT, no endpoint is ready")
	}
	for _, e := range port.Endpoints {
		fmt.Fprintf(w, "  -> %s:%d", e.IP, e.Port)
		if e.Pod != "" {
			fmt.Fprintf(w, "  pod %s", e.Pod)
		}
		fmt.Fprintln(w)
	}
}
