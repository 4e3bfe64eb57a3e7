package kinds_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/minik8s/minik8s/kinds"
)

// TestKinds runs testdata: YAML in, and out of it what the API layer would
// store, or why it would refuse.
func TestKinds(t *testing.T) {
	registry := kinds.NewRegistry(kinds.All())
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			run, ok := commands[d.Cmd]
			if !ok {
				t.Fatalf("%s: no command %q", d.Pos, d.Cmd)
			}
			return run(t, &testCase{TestData: d, registry: registry})
		})
	})
}

// testCase is one command of a file in testdata.
type testCase struct {
	*datadriven.TestData
	registry *kinds.Registry
}

var commands = map[string]func(*testing.T, *testCase) string{
	"discovery": runDiscovery,
	"create":    runCreate,
	"update":    runUpdate,
	"table":     runTable,
	"grace":     runGrace,
	"fields":    runFields,
	"scale":     runScale,
}

// discovery prints what clients are told about each kind.
func runDiscovery(_ *testing.T, c *testCase) string {
	var out strings.Builder
	for _, k := range c.registry.All() {
		fmt.Fprintf(&out, "%s %s", k.Resource, k.GroupVersionKind)
		for _, alias := range k.Aliases {
			fmt.Fprintf(&out, " also %s", alias)
		}
		fmt.Fprintf(&out, " singular=%s", k.Singular)
		if !k.Namespaced {
			fmt.Fprintf(&out, " cluster-scoped")
		}
		if len(k.ShortNames) > 0 {
			fmt.Fprintf(&out, " short=%s", strings.Join(k.ShortNames, ","))
		}
		if len(k.Categories) > 0 {
			fmt.Fprintf(&out, " categories=%s", strings.Join(k.Categories, ","))
		}
		if len(k.Computed) > 0 {
			fmt.Fprintf(&out, " computed=%s", strings.Join(k.Computed, ","))
		} else if !slices.Contains(k.Verbs(), "deletecollection") {
			fmt.Fprintf(&out, " no-deletecollection")
		}
		for _, sub := range subresources(k) {
			fmt.Fprintf(&out, " /%s", sub)
		}
		if k.Internal {
			fmt.Fprintf(&out, " (internal)")
		}
		fmt.Fprintln(&out)
	}
	return out.String()
}

func subresources(k *kinds.Kind) []string {
	var names []string
	if k.Status != nil {
		names = append(names, "status")
	}
	if k.Scale != nil {
		names = append(names, "scale")
	}
	for _, other := range k.Others {
		names = append(names, other.Name)
	}
	return names
}

// grace prints for how long the kubelet may take to stop a pod.
func runGrace(t *testing.T, c *testCase) string {
	var asked *int64
	if c.HasArg("asked") {
		asked = new(int64)
		c.ScanArgs(t, "asked", asked)
	}
	k, obj := c.object(t, c.Input)
	if k.GracePeriod == nil {
		return "deleted at once"
	}
	return fmt.Sprintf("%ds", k.GracePeriod(obj, asked))
}

// fields prints what field selectors see.
func runFields(t *testing.T, c *testCase) string {
	k, obj := c.object(t, c.Input)
	set := k.Fields(obj)
	var out strings.Builder
	for _, name := range k.FieldNames {
		fmt.Fprintf(&out, "%s=%s\n", name, set[name])
	}
	return out.String()
}

// scale prints what the scale subresource shows, and after set=N what it wrote.
func runScale(t *testing.T, c *testCase) string {
	k, obj := c.object(t, c.Input)
	if c.HasArg("set") {
		var n int32
		c.ScanArgs(t, "set", &n)
		k.Scale.Set(obj, n)
	}
	spec, status, selector := k.Scale.Replicas(obj)
	return fmt.Sprintf("replicas %d, running %d, selector %s", spec, status, selector)
}
