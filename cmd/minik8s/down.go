package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func (s *simulator) down() *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Stop a simulated cluster and forget all that is in it",
		Long: `
			Stop a simulated cluster and remove its context from the kubeconfig. All that is in the cluster is gone.

			If the context was the current one, the one that was current before "minik8s up" becomes it again.`,
		Args: between(0, 0, "down"),
		RunE: func(c *cobra.Command, _ []string) error {
			h, err := homeOf(s.name)
			if err != nil {
				return err
			}
			var kubeconfig string
			if flag := c.Flags().Lookup("kubeconfig"); flag.Changed {
				kubeconfig = flag.Value.String()
			}
			return s.stopCluster(h, kubeconfig)
		},
	}
}

func (s *simulator) stopCluster(h home, kubeconfig string) error {
	wasRunning, hadTraces := h.running(), h.record() != nil || h.context() != nil
	if wasRunning {
		if err := h.stopProcess(); err != nil {
			return err
		}
	}
	if err := errors.Join(h.forgetContext(kubeconfig), h.removeTraces()); err != nil {
		return fmt.Errorf("cleaning up after the cluster: %w", err)
	}
	switch {
	case wasRunning:
		fmt.Fprintf(s.Out, "Cluster %q is down.\n", h.name)
	case hadTraces:
		fmt.Fprintf(s.Out, "Cluster %q was not running any more; cleaned up what it left.\n", h.name)
	default:
		fmt.Fprintf(s.Out, "Cluster %q is not running.\n", h.name)
	}
	return nil
}
