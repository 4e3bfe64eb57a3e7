package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// report is what was measured, in order.
type report struct{ rows []row }

type row struct{ what, measured, aim string }

func (r *report) add(what, aim, format string, args ...any) {
	r.rows = append(r.rows, row{what, fmt.Sprintf(format, args...), aim})
}

func (r *report) print(to io.Writer) error {
	if len(r.rows) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "WHAT\tMEASURED\tAIM")
	for _, row := range r.rows {
		fmt.Fprintf(table, "%s\t%s\t%s\n", row.what, row.measured, row.aim)
	}
	return table.Flush()
}

// percentile is the smallest duration that p percent of them do not exceed.
func percentile(all []time.Duration, p int) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20)) }
