package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/minik8s/minik8s/control"
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

// stopPatience is how long a process may take to end.
const stopPatience = 5 * time.Second

// stopProcess asks the cluster's process to end. If it does not answer, it is
// killed: the lock shows that the process which wrote the record still lives.
func (h home) stopProcess() error {
	_, err := h.ask(func(ctx context.Context, c *control.Client) (control.State, error) { return c.Stop(ctx) })
	if err == nil && h.ended(stopPatience) {
		return nil
	}
	record := h.record()
	if record == nil {
		if h.ended(0) {
			return nil
		}
		return fmt.Errorf("a process holds %s but has not written down which it is", h.path("lock"))
	}
	process, err := os.FindProcess(record.PID)
	if err != nil {
		return err
	}
	if err := process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("ending process %d: %w", record.PID, err)
	}
	if !h.ended(stopPatience) {
		return fmt.Errorf("process %d does not end", record.PID)
	}
	return nil
}

// ended waits until the cluster's process has ended.
func (h home) ended(patience time.Duration) bool {
	for deadline := time.Now().Add(patience); h.running(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			return false
		}
	}
	return true
}
