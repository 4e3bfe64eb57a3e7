package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/minik8s/minik8s/control"
	"github.com/minik8s/minik8s/trace"
)

func (s *simulator) trace() *cobra.Command {
	var past control.Past
	var object string
	var verbose bool
	c := s.outputFlag(&cobra.Command{
		Use:   "trace",
		Short: "Show the turns that components have had, and what came of them",
		Long: `
			Show the past: the turns that components have had and the requests that came from outside, one line each.

			The columns are the number of the turn, the tick, the virtual time, the component, the key it worked on, and what
			it wrote at which revision. --verbose shows each turn in full.`,
		Example: `
			# Watch the components at work
			minik8s trace --follow

			# All that was ever done to a deployment, in full
			minik8s trace --object deploy/web --tail 0 --verbose`,
		Args: between(0, 0, "trace [--follow] [--object KIND/NAME] [-o json]"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, _ []string) error {
			if past.Limit < 0 || past.Since < 0 {
				return fmt.Errorf("--tail and --since want 0 or more")
			}
			if object != "" {
				o, err := s.object([]string{object})
				if err != nil {
					return err
				}
				past.Object = &o
			}
			style, lines := s.style(verbose), json.NewEncoder(s.Out)
			return c.Trace(ctx, past, func(t *trace.Turn) error {
				if s.json() {
					return lines.Encode(t)
				}
				return trace.Render(s.Out, t, style)
			})
		}),
	})
	flags := c.Flags()
	flags.BoolVarP(&past.Follow, "follow", "f", false, "Go on with new turns as they happen.")
	flags.StringVar(&object, "object", "", "Only the turns that wrote this object, KIND/NAME.")
	flags.IntVar(&past.Limit, "tail", 50, "How many of the newest turns to begin with. 0 means all that are kept.")
	flags.Int64Var(&past.Since, "since", 0, "Only the turns after the one of this number.")
	flags.BoolVar(&verbose, "verbose", false, "Show what each turn saw, each call, its reason and what it changed.")
	return c
}

func (s *simulator) why() *cobra.Command {
	return s.outputFlag(&cobra.Command{
		Use:   "why KIND/NAME",
		Short: "Walk back from an object's newest change to the command that caused it",
		Example: `
			# Who wrote this pod last, and what led to it
			minik8s why pod/web-5d8c7b9f4-abcde`,
		Args: between(1, 2, "why KIND/NAME"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, args []string) error {
			o, err := s.object(args)
			if err != nil {
				return err
			}
			links, err := c.Why(ctx, o)
			if err != nil {
				return err
			}
			if s.json() {
				return s.writeJSON(links)
			}
			return trace.RenderWhy(s.Out, links, s.style(true))
		}),
	})
}

func (s *simulator) history() *cobra.Command {
	var revision int64
	c := s.outputFlag(&cobra.Command{
		Use:   "history KIND/NAME",
		Short: "List the revisions of an object, what each changed and why",
		Args:  between(1, 2, "history KIND/NAME"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, args []string) error {
			o, err := s.object(args)
			if err != nil {
				return err
			}
			revisions, err := c.History(ctx, o)
			if err != nil {
				return err
			}
			if revision != 0 {
				if revisions, err = pick(revisions, revision); err != nil {
					return err
				}
			}
			if s.json() {
				return s.writeJSON(revisions)
			}
			return trace.RenderHistory(s.Out, revisions, s.style(true))
		}),
	})
	c.Flags().Int64Var(&revision, "revision", 0, "Only this revision.")
	return c
}

// pick chooses one revision, or says which there are.
func pick(revisions []trace.Revision, number int64) ([]trace.Revision, error) {
	var numbers []string
	for _, r := range revisions {
		if r.Number == number {
			return []trace.Revision{r}, nil
		}
		numbers = append(numbers, strconv.FormatInt(r.Number, 10))
	}
	if n := len(numbers); n > 10 {
		numbers = slices.Concat(numbers[:5], []string{"…"}, numbers[n-5:])
	}
	return nil, fmt.Errorf("revision %d did not write this object; those that did are %s", number, strings.Join(numbers, ", "))
}

func (s *simulator) whyScheduled() *cobra.Command {
	return s.outputFlag(&cobra.Command{
		Use:   "why-scheduled pod/NAME",
		Short: "Show how each node fared when a pod was scheduled, or would be",
		Args:  between(1, 2, "why-scheduled pod/NAME"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, args []string) error {
			if len(args) == 1 && !strings.Contains(args[0], "/") {
				args = []string{"pod", args[0]}
			}
			o, err := s.object(args)
			if err != nil {
				return err
			}
			e, err := c.WhyScheduled(ctx, o)
			if err != nil {
				return err
			}
			if s.json() {
				return s.writeJSON(e)
			}
			return e.WriteTable(s.Out)
		}),
	})
}

func (s *simulator) work() *cobra.Command {
	return s.outputFlag(&cobra.Command{
		Use:   "work",
		Short: "List what is due and when",
		Long: `
			List the keys that are to have a turn, soonest first, and what each waits for.

			Work marked as background, such as a heartbeat, never ends; minik8s settle does not wait for it.`,
		Args: between(0, 0, "work"),
		RunE: s.withClient(func(ctx context.Context, c *control.Client, _ []string) error {
			queue, err := c.Work(ctx)
			if err != nil {
				return err
			}
			if s.json() {
				return s.writeJSON(queue)
			}
			return s.printWork(queue)
		}),
	})
}

func (s *simulator) printWork(queue control.Queue) error {
	if len(queue.Work) == 0 {
		_, err := fmt.Fprintln(s.Out, "Nothing is due, now or later.")
		return err
	}
	w := tabwriter.NewWriter(s.Out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "DUE IN\tCOMPONENT\tKEY\tATTEMPT\tWHY")
	for _, k := range queue.Work {
		key := k.Key
		if key == "" {
			key = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", dueIn(k.Due.Sub(queue.Now)), k.Component, key, k.Attempt, reasonOf(k))
	}
	return w.Flush()
}

func dueIn(d time.Duration) string {
	if d <= 0 {
		return "now"
	}
	return d.Round(time.Millisecond).String()
}

func reasonOf(k control.Work) string {
	why := k.Why
	if why == "" && k.Cause > 0 {
		why = fmt.Sprintf("woken by r%d", k.Cause)
	}
	if k.LastErr != "" {
		why += ": " + strings.ReplaceAll(k.LastErr, "\n", " ")
	}
	if k.Background {
		why = "(background) " + why
	}
	return why
}
