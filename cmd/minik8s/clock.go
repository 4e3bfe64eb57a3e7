package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/minik8s/minik8s/control"
	"github.com/minik8s/minik8s/trace"
)

func (s *simulator) pause() *cobra.Command {
	return &cobra.Command{
		Use:   "pause",
		Short: "Stop the cluster's clock: nothing happens until a step, a tick or resume",
		Long: `
			Stop the cluster's clock.

			The API still answers, so kubectl's commands work, but no component has a turn until minik8s step, tick, settle,
			advance or resume.`,
		Args: between(0, 0, "pause"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, _ []string) error {
			state, err := c.Pause(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintf(s.Out, "Paused at tick %d, %s. Move on with: minik8s step, tick, settle, advance or resume.\n", state.Tick, state.Now.UTC().Format(virtualTime))
			return nil
		}),
	}
}

func (s *simulator) resume() *cobra.Command {
	return &cobra.Command{
		Use:   "resume",
		Short: "Let the cluster's clock go on",
		Args:  between(0, 0, "resume"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, _ []string) error {
			state, err := c.Resume(ctx)
			if err != nil {
				return err
			}
			fmt.Fprintf(s.Out, "Running from tick %d; speed %s.\n", state.Tick, speedName(state.Speed))
			return nil
		}),
	}
}

func (s *simulator) speed() *cobra.Command {
	return &cobra.Command{
		Use:   "speed FACTOR|max",
		Short: "Set how fast the cluster's clock goes",
		Long: `
			Set how fast the cluster's clock goes, in virtual seconds per second.

			With max it skips all waiting while there is something to wait for: image pulls, back-offs, grace periods. It
			goes at 1 while only heartbeats are due.`,
		Example: `
			# Ten times as fast as the wall clock
			minik8s speed 10`,
		Args: between(1, 1, "speed FACTOR, or minik8s speed max"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, args []string) error {
			var speed speedValue
			if err := speed.Set(args[0]); err != nil {
				return err
			}
			state, err := c.Speed(ctx, float64(speed))
			if err != nil {
				return err
			}
			fmt.Fprintf(s.Out, "Clock: %s.\n", clockInWords(state))
			return nil
		}),
	}
}

func (s *simulator) step() *cobra.Command {
	var dryRun bool
	c := s.outputFlag(&cobra.Command{
		Use:   "step [N]",
		Short: "Run one turn of one component, or N turns, and show them",
		Long: `
			Run one turn: one component looks at one object and does what it finds necessary. Idle time before it is skipped.

			The cluster must be paused. With --dry-run the turn is only thought through: the plan is shown, nothing is done.`,
		Example: `
			# Stop the clock, then watch three turns
			minik8s pause
			minik8s step 3

			# Show what the next turn would do
			minik8s step --dry-run`,
		Args: between(0, 1, "step [N] [--dry-run]"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, args []string) error {
			n, err := count(args, "steps")
			if err != nil {
				return err
			}
			if dryRun && n > 1 {
				return fmt.Errorf("--dry-run shows the next step only, so leave %s out", args[0])
			}
			if dryRun {
				return s.show(c.Plan(ctx))
			}
			return s.show(c.Step(ctx, n))
		}),
	})
	c.Flags().BoolVar(&dryRun, "dry-run", false, "Show the plan of the next turn without carrying it out.")
	return c
}

func (s *simulator) tick() *cobra.Command {
	return s.outputFlag(&cobra.Command{
		Use:   "tick [N]",
		Short: "Run all turns that are due now, or N ticks, and show them",
		Long: `
			Run all turns that are due at this instant, and move the clock by one tick. All of them see the cluster as it was
			when the tick began. The cluster must be paused.`,
		Args: between(0, 1, "tick [N]"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, args []string) error {
			n, err := count(args, "ticks")
			if err != nil {
				return err
			}
			return s.show(c.Tick(ctx, n))
		}),
	})
}

// show prints turns in full and where the clock is now.
func (s *simulator) show(m control.Move, err error) error {
	if err != nil {
		return err
	}
	if s.json() {
		return s.writeJSON(m.Turns)
	}
	for _, t := range m.Turns {
		if err := trace.Render(s.Out, t, s.style(true)); err != nil {
			return err
		}
	}
	switch {
	case len(m.Turns) == 0 && m.After.Tick > m.Before.Tick:
		fmt.Fprintf(s.Out, "Nothing was due. The clock is at tick %d.\n", m.After.Tick)
	case len(m.Turns) == 0:
		fmt.Fprintln(s.Out, "Nothing is due, now or later.")
	}
	return nil
}

func (s *simulator) settle() *cobra.Command {
	var limit time.Duration
	c := &cobra.Command{
		Use:   "settle",
		Short: "Run the cluster until nothing but heartbeats is due",
		Long: `
			Run the cluster as fast as it goes, skipping idle time, until nothing but background work is due: heartbeats,
			deadlines, resyncs. It works whether the clock is paused or not, and leaves it so.

			If the cluster does not come to rest within the limit of virtual time, the error names who keeps working.`,
		Args: between(0, 0, "settle [--limit DURATION]"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, _ []string) error {
			if limit <= 0 {
				return fmt.Errorf("--limit wants a duration such as 10m, not %s", limit)
			}
			m, err := c.Settle(ctx, limit)
			if err != nil {
				return err
			}
			if m.Incomplete != "" {
				return fmt.Errorf("%s", m.Incomplete)
			}
			fmt.Fprintf(s.Out, "Settled after %s.\n", moveInWords(m))
			return nil
		}),
	}
	c.Flags().DurationVar(&limit, "limit", 10*time.Minute, "Most virtual time to spend.")
	return c
}

func (s *simulator) advance() *cobra.Command {
	return &cobra.Command{
		Use:   "advance DURATION",
		Short: "Move the clock forward, running what is due on the way",
		Example: `
			# Let ten virtual minutes pass at once
			minik8s advance 10m`,
		Args: between(1, 1, "advance DURATION, for example minik8s advance 10m"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, args []string) error {
			d, err := virtualDuration(args[0])
			if err != nil {
				return err
			}
			m, err := c.Advance(ctx, d)
			if err != nil {
				return err
			}
			fmt.Fprintf(s.Out, "Advanced by %s.\n", moveInWords(m))
			return nil
		}),
	}
}

// moveInWords is "41 turns in 1.2s of virtual time, now at tick 34".
func moveInWords(m control.Move) string {
	turns := fmt.Sprintf("%d turns", m.Count)
	if m.Count == 1 {
		turns = "1 turn"
	}
	spent := m.After.Time.Sub(m.Before.Time).Round(time.Millisecond)
	return fmt.Sprintf("%s in %s of virtual time, now at tick %d", turns, spent, m.After.Tick)
}
