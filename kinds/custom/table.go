package custom

import (
	"bytes"
	"fmt"
	"reflect"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/client-go/util/jsonpath"

	"github.com/minik8s/minik8s/kinds"
)

// table prints objects: a name, and the columns that the definition has, by
// default an age.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresource/tableconvertor, with ages by the world's clock.
type table struct {
	headers []metav1.TableColumnDefinition
	columns []*jsonpath.JSONPath // of the headers after the name
}

var metadataDocs = metav1.ObjectMeta{}.SwaggerDoc()

func (v *version) newTable() *table {
	t := &table{headers: []metav1.TableColumnDefinition{
		{Name: "Name", Type: "string", Format: "name", Description: metadataDocs["name"]},
	}}
	columns := v.AdditionalPrinterColumns
	if len(columns) == 0 {
		columns = []apiextensionsv1.CustomResourceColumnDefinition{
			{Name: "Age", Type: "date", Description: metadataDocs["creationTimestamp"], JSONPath: ".metadata.creationTimestamp"},
		}
	}
	for _, c := range columns {
		path := jsonpath.New(c.Name)
		if path.Parse(fmt.Sprintf("{%s}", c.JSONPath)) != nil {
			break // upstream shows the columns before it, too
		}
		path.AllowMissingKeys(true)
		description := c.Description
		if description == "" {
			description = fmt.Sprintf("Custom resource definition column (in JSONPath format): %s", c.JSONPath)
		}
		t.columns = append(t.columns, path)
		t.headers = append(t.headers, metav1.TableColumnDefinition{
			Name: c.Name, Type: c.Type, Format: c.Format, Description: description, Priority: c.Priority,
		})
	}
	return t
}

func (t *table) of(objects []kinds.Object, options kinds.TableOptions) *metav1.Table {
	out := &metav1.Table{Rows: make([]metav1.TableRow, 0, len(objects))}
	if !options.NoHeaders {
		out.ColumnDefinitions = t.headers
	}
	for _, obj := range objects {
		cells := []any{obj.GetName()}
		for i, column := range t.columns {
			cells = append(cells, cellOf(column, t.headers[i+1].Type, content(obj), options))
		}
		out.Rows = append(out.Rows, metav1.TableRow{Cells: cells, Object: runtime.RawExtension{Object: obj}})
	}
	return out
}

// cellOf is nil where the path leads to nothing of the column's type.
func cellOf(path *jsonpath.JSONPath, columnType string, fields map[string]any, options kinds.TableOptions) any {
	results, err := path.FindResults(fields)
	if err != nil || len(results) == 0 || len(results[0]) == 0 {
		return nil
	}
	value := results[0][0].Interface()
	switch columnType {
	case "string":
		var text bytes.Buffer
		if path.PrintResults(&text, []reflect.Value{reflect.ValueOf(value)}) == nil {
			return text.String()
		}
	case "integer":
		switch n := value.(type) {
		case int64:
			return n
		case float64:
			return int64(n)
		}
	case "number":
		switch n := value.(type) {
		case int64:
			return float64(n)
		case float64:
			return n
		}
	case "boolean":
		if b, ok := value.(bool); ok {
			return b
		}
	case "date":
		if text, ok := value.(string); ok {
			return age(text, options)
		}
	}
	return nil
}

func age(text string, options kinds.TableOptions) string {
	var t metav1.Time
	switch err := t.UnmarshalQueryParameter(text); {
	case err != nil:
		return "<invalid>"
	case t.IsZero():
		return "<unknown>"
	}
	return duration.HumanDuration(options.World.Sub(t.Time))
}
