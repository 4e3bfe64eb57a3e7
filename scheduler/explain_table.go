package scheduler

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteTable prints the explanation for people: the decision, then a table of
// filters, then a table of scores. It fails only if writing does.
func (e Explanation) WriteTable(w io.Writer) error {
	var text strings.Builder
	e.writeDecision(&text)
	if len(e.Nodes) > 0 {
		e.writeFilters(&text)
		e.writeScores(&text)
	}
	if _, err := io.WriteString(w, text.String()); err != nil {
		return fmt.Errorf("write the table of pod %s: %w", e.Pod, err)
	}
	return nil
}

func (e Explanation) writeDecision(w io.Writer) {
	if e.Node == "" {
		fmt.Fprintf(w, "Pod %s fits on no node.\n%s\n", e.Pod, e.Why)
		return
	}
	fmt.Fprintf(w, "Pod %s goes to %s: %s.\n", e.Pod, e.Node, e.Why)
}

// writeFilters has a row for each node and a column for each filter. Columns
// of filters that skip the pod would say nothing, so they are only listed.
func (e Explanation) writeFilters(w io.Writer) {
	fmt.Fprintf(w, "\nFilter: where can it run?\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := []string{"NODE"}
	var skipped []string
	for i, plugin := range e.Filters {
		if e.skips(i) {
			skipped = append(skipped, plugin)
			continue
		}
		row = append(row, plugin)
	}
	writeRow(table, append(row, "RESULT"))
	for _, n := range e.Nodes {
		row = append(row[:0], n.Name)
		var reasons []string
		for i, v := range n.Verdicts {
			switch {
			case e.skips(i):
			case v.Skipped:
				row = append(row, "-")
			case v.OK:
				row = append(row, "ok")
			default:
				row = append(row, "no")
				reasons = append(reasons, v.Reason)
			}
		}
		result := "feasible"
		if !n.Feasible {
			result = strings.Join(reasons, "; ")
		} else if !n.Scored {
			result = "feasible, but the search had found enough nodes before"
		}
		writeRow(table, append(row, result))
	}
	table.Flush()
	writeSkipped(w, skipped)
}

// skips says whether the i-th filter skips the pod on all nodes.
func (e Explanation) skips(i int) bool {
	for _, n := range e.Nodes {
		if !n.Verdicts[i].Skipped {
			return false
		}
	}
	return true
}

// writeScores has a row for each scored node and a column for each plugin
// that did not skip the pod.
func (e Explanation) writeScores(w io.Writer) {
	chosen, ok := e.Row(e.Node)
	if !ok || !chosen.Scored {
		return
	}
	fmt.Fprintf(w, "\nScore: where is it best? (each rule gives 0 to %d, times its weight)\n", MaxNodeScore)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := []string{"NODE"}
	var skipped []string
	for _, s := range chosen.Scores {
		if s.Skipped {
			skipped = append(skipped, s.Plugin)
			continue
		}
		row = append(row, s.Plugin)
	}
	writeRow(table, append(row, "TOTAL"))
	for _, n := range e.Nodes {
		if !n.Scored {
			continue
		}
		row = append(row[:0], n.Name)
		for _, s := range n.Scores {
			if !s.Skipped {
				row = append(row, s.String())
			}
		}
		total := fmt.Sprint(n.Total)
		if n.Name == e.Node {
			total += "  <- chosen"
		}
		writeRow(table, append(row, total))
	}
	table.Flush()
	writeSkipped(w, skipped)
}

// String is "3 x 100 = 300", or "raw 2: 3 x 66 = 198" if the raw score had to
// be brought into range first, or just "85" for a weight of 1.
func (s PluginScore) String() string {
	var text string
	if s.Raw != s.Normalized {
		text = fmt.Sprintf("raw %d: ", s.Raw)
	}
	if s.Weight == 1 {
		return text + fmt.Sprint(s.Normalized)
	}
	return text + fmt.Sprintf("%d x %d = %d", s.Weight, s.Normalized, s.Weighted())
}

func writeRow(w io.Writer, cells []string) {
	fmt.Fprintln(w, strings.Join(cells, "\t"))
}

func writeSkipped(w io.Writer, plugins []string) {
	if len(plugins) > 0 {
		fmt.Fprintf(w, "Nothing to do for this pod: %s.\n", strings.Join(plugins, ", "))
	}
}
