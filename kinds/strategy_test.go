package kinds_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/minik8s/minik8s/kinds"
)

// object decodes one YAML document.
func (c *testCase) object(t *testing.T, document string) (*kinds.Kind, kinds.Object) {
	t.Helper()
	var meta metav1.TypeMeta
	require.NoError(t, yaml.Unmarshal([]byte(document), &meta))
	gvk := schema.FromAPIVersionAndKind(meta.APIVersion, meta.Kind)
	k, ok := c.registry.ByKind(gvk.GroupKind())
	require.True(t, ok, "%s: no kind %s", c.Pos, gvk)
	obj := k.New()
	require.NoError(t, yaml.UnmarshalStrict([]byte(document), obj), c.Pos)
	if k.Namespaced && obj.GetNamespace() == "" {
		obj.SetNamespace("default")
	}
	return k, obj
}

func documents(text string) []string { return strings.Split(text, "\n---\n") }

// create does with the object what the API layer does, and prints what that
// has changed in it, or why it is refused. With "brief" it prints only ok.
func runCreate(t *testing.T, c *testCase) string {
	k, obj := c.object(t, c.Input)
	given := flatten(t, obj)
	k.Default(obj)
	obj.SetUID("uid-1")
	obj.SetCreationTimestamp(metav1.NewTime(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	if k.PrepareCreate != nil {
		k.PrepareCreate(obj)
	}
	prepared := flatten(t, obj)
	errs := k.Validate(obj)
	require.Equal(t, prepared, flatten(t, obj), "%s: validation changed the object", c.Pos)
	return c.outcome(t, k, obj, nil, given, errs)
}

// update does the same with two documents, before and after, and prints how
// the stored object changes. The subresource is an argument.
func runUpdate(t *testing.T, c *testCase) string {
	parts := documents(c.Input)
	require.Len(t, parts, 2, "%s: update wants the object before and after", c.Pos)
	k, old := c.object(t, parts[0])
	_, obj := c.object(t, parts[1])
	strategy := &kinds.Subresource{PrepareUpdate: k.PrepareUpdate, ValidateUpdate: k.ValidateUpdate}
	switch {
	case c.HasArg("status"):
		strategy = k.Status
	case c.HasArg("finalize"):
		strategy = k.Finalize
	case c.HasArg("approval"):
		strategy = k.Others[0].Strategy
	}
	for _, o := range []kinds.Object{old, obj} {
		k.Default(o)
		o.SetUID("uid-1")
		o.SetResourceVersion("1")
	}
	before := flatten(t, old)
	obj.SetGeneration(old.GetGeneration())
	if strategy.PrepareUpdate != nil {
		strategy.PrepareUpdate(obj, old)
	}
	errs := strategy.ValidateUpdate(obj, old)
	require.Equal(t, before, flatten(t, old), "%s: the old object was changed", c.Pos)
	return c.outcome(t, k, obj, old, before, errs)
}

func (c *testCase) outcome(t *testing.T, k *kinds.Kind, obj, old kinds.Object, before map[string]string, errs field.ErrorList) string {
	t.Helper()
	var out strings.Builder
	for _, err := range errs {
		fmt.Fprintf(&out, "refused: %s\n", err.Error())
	}
	if len(errs) > 0 {
		return out.String()
	}
	if k.Warnings != nil {
		for _, warning := range k.Warnings(obj, old) {
			fmt.Fprintf(&out, "warning: %s\n", warning)
		}
	}
	if k.Canonicalize != nil {
		k.Canonicalize(obj)
	}
	if c.HasArg("brief") {
		return out.String() + "ok"
	}
	after := flatten(t, obj)
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		was, had := before[path]
		is, has := after[path]
		switch {
		case had && has && was != is:
			fmt.Fprintf(&out, "~ %s: %s -> %s\n", path, was, is)
		case had && !has:
			fmt.Fprintf(&out, "- %s: %s\n", path, was)
		case has && !had && path != "metadata.uid" && path != "metadata.creationTimestamp":
			fmt.Fprintf(&out, "+ %s: %s\n", path, is)
		}
	}
	if out.Len() == 0 {
		return "nothing changes"
	}
	return out.String()
}

// flatten lists the leaves of an object's JSON by path.
func flatten(t *testing.T, obj any) map[string]string {
	t.Helper()
	text, err := json.Marshal(obj)
	require.NoError(t, err)
	var tree any
	require.NoError(t, json.Unmarshal(text, &tree))
	leaves := map[string]string{}
	flattenInto(leaves, "", tree)
	return leaves
}

func flattenInto(leaves map[string]string, path string, node any) {
	switch node := node.(type) {
	case map[string]any:
		for key, child := range node {
			flattenInto(leaves, strings.TrimPrefix(path+"."+key, "."), child)
		}
	case []any:
		for i, child := range node {
			flattenInto(leaves, fmt.Sprintf("%s[%d]", path, i), child)
		}
	default:
		leaves[path] = fmt.Sprint(node)
	}
}
