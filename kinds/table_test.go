package kinds_test

import (
	"fmt"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s/kinds"
)

// table prints the documents as kubectl get -o wide would, at a time of the
// world: now=2026-01-01T00:00:00Z. Columns of the wide form are in brackets.
func runTable(t *testing.T, c *testCase) string {
	now := "2026-01-01T00:00:00Z"
	c.MaybeScanArgs(t, "now", &now)
	world, err := time.Parse(time.RFC3339, now)
	require.NoError(t, err, c.Pos)
	var kind *kinds.Kind
	var objects []kinds.Object
	for _, document := range documents(c.Input) {
		k, obj := c.object(t, document)
		kind = k
		if !c.HasArg("empty") {
			objects = append(objects, obj)
		}
	}
	before := flatten(t, objects)
	table, err := kind.Table(objects, kinds.TableOptions{NoHeaders: c.HasArg("no-headers"), World: world, Wall: time.Now()})
	require.NoError(t, err, c.Pos)
	require.Equal(t, before, flatten(t, objects), "%s: the objects were changed", c.Pos)

	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	var names []string
	for _, column := range table.ColumnDefinitions {
		if column.Priority > 0 {
			column.Name = "[" + column.Name + "]"
		}
		names = append(names, column.Name)
	}
	if len(names) > 0 {
		fmt.Fprintln(w, strings.Join(names, "\t"))
	}
	for i, row := range table.Rows {
		require.Same(t, objects[i], row.Object.Object)
		var cells []string
		for _, cell := range row.Cells {
			cells = append(cells, fmt.Sprint(cell))
		}
		for _, condition := range row.Conditions {
			cells = append(cells, fmt.Sprintf("(%s: %s)", condition.Type, condition.Reason))
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	w.Flush()
	lines := strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

func TestEveryKindHasATable(t *testing.T) {
	for _, k := range kinds.All() {
		if k.IsReview() {
			continue
		}
		table, err := k.Table([]kinds.Object{k.New()}, kinds.TableOptions{Wall: time.Now()})
		require.NoError(t, err, k.Kind)
		require.Len(t, table.Rows, 1, k.Kind)
		cells := len(table.ColumnDefinitions)
		if k.Kind == "IPAddress" {
			cells++ // upstream prints an age, and has forgotten its column
		}
		require.Len(t, table.Rows[0].Cells, cells, k.Kind)
	}
}
