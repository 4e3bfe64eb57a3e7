package scenario

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/trace"
)

// Runner carries out the commands of a script on one cluster.
type Runner struct {
	cluster *minik8s.Cluster
	kubectl *kubectl
	told    int64 // the newest turn that was printed
}

// NewRunner returns a runner for a cluster. dir is for kubectl's caches.
func NewRunner(c *minik8s.Cluster, dir string) (*Runner, error) {
	k, err := newKubectl(c, dir)
	if err != nil {
		return nil, fmt.Errorf("prepare kubectl: %w", err)
	}
	return &Runner{cluster: c, kubectl: k}, nil
}

// settleLimit is how much virtual time a settle may take.
const settleLimit = 10 * time.Minute

// Run carries out one command line; stdin is what it reads. Commands:
//
//	kubectl …                  whatever kubectl can do; its own turn is not told
//	settle | tick [N] | step [N] | advance DURATION   with the turns that wrote something
//	quietly settle|…           the same, without telling
//	lag COMPONENT N, crash COMPONENT, restart COMPONENT
func (r *Runner) Run(line, stdin string) string {
	words := strings.Fields(line)
	if len(words) == 0 {
		return "error: an empty command\n"
	}
	if words[0] == "kubectl" {
		printed := r.kubectl.run(words[1:], stdin)
		r.skip()
		return printed
	}
	if words[0] == "quietly" {
		err := r.do(words[1:])
		r.skip()
		return report(err)
	}
	err := r.do(words)
	return r.tell() + report(err)
}

func report(err error) string {
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	return ""
}

func (r *Runner) do(words []string) error {
	arg := func(n int, missing string) string {
		if n < len(words) {
			return words[n]
		}
		return missing
	}
	c := r.cluster
	switch words[0] {
	case "settle":
		_, err := c.Settle(settleLimit)
		return err
	case "advance":
		d, err := time.ParseDuration(arg(1, ""))
		if err == nil {
			_, err = c.Advance(d)
		}
		return err
	case "tick":
		return repeat(arg(1, "1"), func() error { _, err := c.Tick(); return err })
	case "step":
		return repeat(arg(1, "1"), func() error { _, err := c.Step(); return err })
	case "lag":
		ticks, err := strconv.Atoi(arg(2, ""))
		if err != nil {
			return err
		}
		return c.SetLag(arg(1, ""), ticks)
	case "crash":
		return c.Crash(arg(1, ""))
	case "restart":
		return c.Restart(arg(1, ""))
	}
	return fmt.Errorf("unknown command %q", words[0])
}

func repeat(times string, f func() error) error {
	n, err := strconv.Atoi(times)
	for ; n > 0 && err == nil; n-- {
		err = f()
	}
	return err
}

// tell prints the turns since the last time that wrote something or failed.
func (r *Runner) tell() string {
	var b strings.Builder
	for _, t := range r.cluster.Trace(minik8s.TraceOptions{Since: r.told}) {
		r.told = t.Number
		if wrote(t) {
			tellTurn(&b, t)
		}
	}
	return b.String()
}

// skip forgets the turns up to now.
func (r *Runner) skip() {
	for _, t := range r.cluster.Trace(minik8s.TraceOptions{Since: r.told}) {
		r.told = t.Number
	}
}

func wrote(t *trace.Turn) bool {
	for _, c := range t.Calls {
		if c.Revision > 0 {
			return true
		}
	}
	return t.Err != ""
}

// tellTurn is shorter than what `minik8s step` prints, and has no diffs: a
// script shows who did what, in which order, and why.
func tellTurn(b *strings.Builder, t *trace.Turn) {
	fmt.Fprintf(b, "%s %s %s\n", t.Time.Format("15:04:05.0"), t.Component, t.Key)
	for _, c := range t.Calls {
		if c.Revision == 0 && c.Err == "" {
			continue
		}
		fmt.Fprintf(b, "  %s %s", c.Verb, c.Resource)
		if c.Name != "" && c.Namespace+"/"+c.Name != t.Key {
			fmt.Fprintf(b, " %s", c.Name)
		}
		fmt.Fprintf(b, ": %s", c.Why)
		if c.Err != "" {
			fmt.Fprintf(b, " -- refused: %s", c.Err)
		}
		b.WriteString("\n")
	}
	if t.Err != "" {
		fmt.Fprintf(b, "  error: %s\n", t.Err)
	}
}
