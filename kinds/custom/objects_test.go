package custom_test

import (
	"fmt"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/minik8s/minik8s/kinds"
)

// create prints what is stored, or why the object is refused.
func runCreate(t *testing.T, c *testCase) string {
	k, obj, dropped := c.object(t, c.Input)
	k.PrepareCreate(obj)
	if errs := k.Validate(obj); len(errs) > 0 {
		return dropped + lines(errs)
	}
	return dropped + shown(t, obj)
}

// update takes two documents, before and after. What is there before need not
// be valid. With "status" the status alone is written.
func runUpdate(t *testing.T, c *testCase) string {
	parts := documents(c.Input)
	require.Len(t, parts, 2, "%s: update wants the object before and after", c.Pos)
	k, old, _ := c.object(t, parts[0])
	_, obj, dropped := c.object(t, parts[1])
	prepare, validate := k.PrepareUpdate, k.ValidateUpdate
	if c.HasArg("status") {
		prepare, validate = k.Status.PrepareUpdate, k.Status.ValidateUpdate
	}
	for _, o := range []kinds.Object{old, obj} {
		o.SetResourceVersion("1")
		o.SetGeneration(1)
	}
	before := shown(t, old)
	prepare(obj, old)
	errs := validate(obj, old)
	require.Equal(t, before, shown(t, old), "%s: the old object was changed", c.Pos)
	if len(errs) > 0 {
		return dropped + lines(errs)
	}
	return dropped + shown(t, obj)
}

// convert prints an object in another version.
func runConvert(t *testing.T, c *testCase) string {
	var to string
	c.ScanArgs(t, "to", &to)
	k, obj, _ := c.object(t, c.Input)
	before := shown(t, obj)
	converted, err := k.Custom.Convert(obj, schema.GroupVersion{Group: k.Group, Version: to})
	require.Equal(t, before, shown(t, obj), "%s: the object was changed", c.Pos)
	if err != nil {
		return err.Error()
	}
	return shown(t, converted)
}

// read prints what a client of a version sees of an object as it is in the
// store, where it may have been for longer than the definition.
func runRead(t *testing.T, c *testCase) string {
	var as string
	c.ScanArgs(t, "as", &as)
	k, ok := c.kinds.In(c).ByResource(schema.ParseGroupResource(c.definition.Name))
	require.True(t, ok, c.Pos)
	stored := &unstructured.Unstructured{}
	require.NoError(t, yaml.Unmarshal([]byte(c.Input), stored), c.Pos)
	before := shown(t, stored)
	seen, err := k.Custom.Version(as).Custom.FromStorage(stored)
	require.Equal(t, before, shown(t, stored), "%s: the stored object was changed", c.Pos)
	if err != nil {
		return err.Error()
	}
	return shown(t, seen[0])
}

// table prints objects as kubectl does, wide columns in brackets. All of them
// are ten minutes old.
func runTable(t *testing.T, c *testCase) string {
	now := time.Date(2026, 1, 1, 0, 10, 0, 0, time.UTC)
	var kind *kinds.Kind
	var objects []kinds.Object
	for _, document := range documents(c.Input) {
		k, obj, _ := c.object(t, document)
		obj.SetCreationTimestamp(metav1.NewTime(now.Add(-10 * time.Minute)))
		kind, objects = k, append(objects, obj)
	}
	table := kind.Custom.Table(objects, kinds.TableOptions{World: now})
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	var cells []string
	for _, column := range table.ColumnDefinitions {
		cell := fmt.Sprintf("%s(%s)", column.Name, column.Type)
		if column.Priority > 0 {
			cell = "[" + cell + "]"
		}
		cells = append(cells, cell)
	}
	fmt.Fprintln(w, strings.Join(cells, "\t"))
	for _, row := range table.Rows {
		cells = nil
		for _, cell := range row.Cells {
			cells = append(cells, fmt.Sprintf("%#v", cell))
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	require.NoError(t, w.Flush())
	return out.String()
}

// fields prints what field selectors may ask about, and which of "ask" they
// may not.
func runFields(t *testing.T, c *testCase) string {
	k, obj, _ := c.object(t, c.Input)
	set := k.Fields(obj)
	var out strings.Builder
	for _, name := range k.FieldNames {
		fmt.Fprintf(&out, "%s=%q\n", name, set[name])
	}
	for _, arg := range c.CmdArgs {
		if arg.Key == "ask" {
			for _, name := range arg.Vals {
				if !k.Custom.SelectableField(name) {
					fmt.Fprintf(&out, "%s: not to be asked about\n", name)
				}
			}
		}
	}
	return out.String()
}
