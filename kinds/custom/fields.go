package custom

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/util/jsonpath"

	"github.com/minik8s/minik8s/kinds"
)

// selectableField is a field that the definition lets field selectors use.
type selectableField struct {
	name string // "spec.color"
	path *jsonpath.JSONPath
}

// selectableFields reads the paths, which validation has found to be good.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresource (selectableFields), complete.
func (v *version) selectableFields() []selectableField {
	var all []selectableField
	for _, f := range v.SelectableFields {
		path := jsonpath.New("selectableField")
		path.AllowMissingKeys(true)
		must(path.Parse("{" + f.JSONPath + "}"))
		all = append(all, selectableField{strings.TrimPrefix(f.JSONPath, "."), path})
	}
	return all
}

func (v *version) fieldNames() []string {
	var names []string
	for _, f := range v.SelectableFields {
		names = append(names, strings.TrimPrefix(f.JSONPath, "."))
	}
	return names
}

func (v *version) isSelectable(name string) bool {
	return name == "metadata.name" || name == "metadata.namespace" && v.namespaced() || slices.Contains(v.fieldNames(), name)
}

// fieldValues are an object's selectable fields. One that is not there is
// empty.
func (v *version) fieldValues(obj kinds.Object) fields.Set {
	set := fields.Set{}
	for _, f := range v.fields() {
		set[f.name] = ""
		results, err := f.path.FindResults(content(obj))
		if err != nil || len(results) == 0 || len(results[0]) == 0 {
			continue
		}
		if value := results[0][0].Interface(); value != nil {
			set[f.name] = fmt.Sprint(value)
		}
	}
	return set
}
