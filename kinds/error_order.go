package kinds

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
)

// inOrder gives errors an order that is the same every time. Upstream's rules
// walk through some maps (labels, data, resources) in Go's random order; what
// they say about one map stands together and is sorted here, everything else
// stays where it is. A run of the world must give the same text each time.
// Errors of several types about one path come from several rules, whose order
// is upstream's.
func inOrder(errs field.ErrorList) field.ErrorList {
	for rest := errs; len(rest) > 1; {
		end := 1
		for end < len(rest) && sameMap(rest[0], rest[end]) {
			end++
		}
		slices.SortStableFunc(rest[:end], func(a, b *field.Error) int {
			if a.Field != b.Field || a.Field != mapPath(a) {
				return cmp.Compare(a.Field, b.Field)
			}
			return cmp.Compare(fmt.Sprint(a.BadValue), fmt.Sprint(b.BadValue))
		})
		rest = rest[end:]
	}
	return errs
}

// sameMap says that two errors may come from one walk through a map. If they do
// not name a key of it, they are of one type, they show a key or a value of it,
// and are about no element of a list.
func sameMap(a, b *field.Error) bool {
	if a.Field == b.Field && mapPath(a) == a.Field {
		return a.Type == b.Type && isText(a.BadValue) && isText(b.BadValue) && !strings.HasSuffix(a.Field, "]")
	}
	return mapPath(a) == mapPath(b)
}

func isText(value any) bool {
	_, ok := value.(string)
	return ok
}

// mapPath is the path of the map that is walked through, if the error's path
// has a key of it at its end, or else the path itself. No walk meets a key that
// is required, nor one label: such rules ask for one key after the other.
func mapPath(err *field.Error) string {
	path := err.Field
	for _, resources := range []string{".capacity.", ".allocatable."} {
		if i := strings.Index(path, resources); i >= 0 {
			return path[:i+len(resources)-1]
		}
	}
	if !strings.HasSuffix(path, "]") || err.Type == field.ErrorTypeRequired {
		return path
	}
	start := strings.LastIndex(path, "[")
	if _, err := strconv.Atoi(path[start+1 : len(path)-1]); err == nil {
		return path // an index
	}
	if strings.HasSuffix(path[:start], ".labels") {
		return path
	}
	return path[:start]
}

// schemasInOrder gives a fixed order to what is said about each schema of a
// CustomResourceDefinition, where upstream's rules walk through maps within
// maps. All else stays where it is. It changes errs.
func schemasInOrder(errs field.ErrorList) field.ErrorList {
	for rest := errs; len(rest) > 0; {
		schema, end := schemaPath(rest[0].Field), 1
		for end < len(rest) && schema != "" && schemaPath(rest[end].Field) == schema {
			end++
		}
		SortByField(rest[:end])
		rest = rest[end:]
	}
	return errs
}

// schemaPath is where the schema is that a path leads into, or empty.
func schemaPath(path string) string {
	const schema = ".openAPIV3Schema"
	i := strings.Index(path, schema)
	if i < 0 {
		return ""
	}
	return path[:i+len(schema)]
}

// SortByField gives a fixed order to errors about objects by a schema, and about
// a schema: there upstream's rules walk through maps within maps. It changes
// errs.
func SortByField(errs field.ErrorList) field.ErrorList {
	slices.SortStableFunc(errs, func(a, b *field.Error) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Detail, b.Detail))
	})
	return errs
}
