package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/minik8s/minik8s/control"
)

func (s *simulator) status() *cobra.Command {
	return s.outputFlag(&cobra.Command{
		Use:   "status",
		Short: "Show whether the cluster runs, where its clock is and what is in it",
		Args:  between(0, 0, "status"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, _ []string) error {
			state, err := c.State(ctx)
			if err != nil {
				return err
			}
			if s.json() {
				return s.writeJSON(state)
			}
			h, err := homeOf(s.name)
			if err != nil {
				return err
			}
			return s.printState(h, state)
		}),
	})
}

// virtualTime is how points on the virtual clock are written.
const virtualTime = "2006-01-02 15:04:05.000"

func (s *simulator) printState(h home, state control.State) error {
	w := tabwriter.NewWriter(s.Out, 0, 0, 3, ' ', 0)
	line := func(label, format string, args ...any) { fmt.Fprintf(w, label+"\t"+format+"\n", args...) }
	line("cluster", "%s, running, pid %d", state.Name, state.PID)
	if record := h.record(); record != nil && record.PID == state.PID {
		line("address", "%s", record.Server)
		line("log", "%s", h.path("log"))
	}
	line("clock", "%s", clockInWords(state))
	line("time", "%s, tick %d", state.Now.UTC().Format(virtualTime), state.Tick)
	line("revision", "%d", state.Revision)
	line("nodes", "%d of %d ready", state.NodesReady, state.Nodes)
	line("pods", "%s", podsInWords(state.Pods))
	return w.Flush()
}

func clockInWords(state control.State) string {
	speed := speedName(state.Speed) + "x"
	if state.Speed == 0 {
		speed = "max, as fast as it goes"
	}
	switch {
	case state.Failed != "":
		return state.Failed
	case state.Paused:
		return "paused; speed " + speed
	}
	return "running; speed " + speed
}

func podsInWords(pods map[string]int) string {
	if len(pods) == 0 {
		return "none"
	}
	var counts []string
	for _, phase := range slices.Sorted(maps.Keys(pods)) {
		counts = append(counts, fmt.Sprintf("%d %s", pods[phase], phase))
	}
	return strings.Join(counts, ", ")
}
