package trace

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// Diff says what changed between two objects, one line a field, in the order
// of their paths: "~ spec.replicas: 3 -> 5", "+ metadata.labels.app: web",
// "- spec.nodeName: node-1". Either side may be nil. Fields that change with
// every write (resourceVersion, managedFields) are left out.
func Diff(before, after runtime.Object) []string {
	old, now := Flatten(before), Flatten(after)
	paths := make([]string, 0, len(old)+len(now))
	for p := range old {
		paths = append(paths, p)
	}
	for p := range now {
		if _, both := old[p]; !both {
			paths = append(paths, p)
		}
	}
	sort.Slice(paths, func(i, j int) bool { return pathLess(paths[i], paths[j]) })
	var lines []string
	for _, p := range paths {
		o, inOld := old[p]
		n, inNow := now[p]
		switch {
		case !inOld:
			lines = append(lines, "+ "+p+": "+n)
		case !inNow:
			lines = append(lines, "- "+p+": "+o)
		case o != n:
			lines = append(lines, "~ "+p+": "+o+" -> "+n)
		}
	}
	return lines
}

// Flatten turns an object into its leaves, by path: "spec.containers[0].image".
func Flatten(o runtime.Object) map[string]string {
	leaves := map[string]string{}
	if o == nil {
		return leaves
	}
	if u, ok := o.(*unstructured.Unstructured); ok {
		o = u.DeepCopy() // its own map is what the converter would give
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	if err != nil {
		leaves["?"] = err.Error()
		return leaves
	}
	delete(content, "apiVersion")
	delete(content, "kind")
	if meta, ok := content["metadata"].(map[string]any); ok {
		delete(meta, "resourceVersion")
		delete(meta, "managedFields")
	}
	flatten("", content, leaves)
	return leaves
}

func flatten(path string, v any, leaves map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 && strings.Contains(path, ".") { // "emptyDir: {}" says something, "status: {}" does not
			leaves[path] = "{}"
		}
		// any order: each child has paths of its own
		for k, child := range v {
			flatten(join(path, k), child, leaves)
		}
	case []any:
		for i, child := range v {
			flatten(path+"["+name(child, i)+"]", child, leaves)
		}
	case nil:
	case string:
		leaves[path] = quoteIfOdd(v)
	default:
		b, err := json.Marshal(v)
		if err != nil {
			b = []byte(fmt.Sprint(v))
		}
		leaves[path] = string(b)
	}
}

// name is how a list's element is called: by its key if it has one, so that
// an insertion does not look as if all that follows had changed.
func name(child any, index int) string {
	if m, ok := child.(map[string]any); ok {
		for _, key := range []string{"name", "type", "uid", "ip"} {
			if s, ok := m[key].(string); ok && s != "" {
				return s
			}
		}
	}
	return strconv.Itoa(index)
}

func join(path, key string) string {
	for _, r := range key {
		if r == '.' || r == '[' {
			return path + "[" + key + "]"
		}
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

func quoteIfOdd(s string) string {
	if s == "" {
		return `""`
	}
	for _, r := range s {
		if r < ' ' {
			return strconv.Quote(s)
		}
	}
	return s
}

// pathLess sorts metadata first, status last, and otherwise by the alphabet.
func pathLess(a, b string) bool {
	if ra, rb := rank(a), rank(b); ra != rb {
		return ra < rb
	}
	return a < b
}

func rank(path string) int {
	switch {
	case len(path) >= 8 && path[:8] == "metadata":
		return 0
	case len(path) >= 6 && path[:6] == "status":
		return 2
	}
	return 1
}
