package kinds

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// namesAndTimes is the table of kinds that upstream has no printer for.
//
// Upstream: k8s.io/apiserver/pkg/registry/rest (defaultTableConvertor).
func namesAndTimes(objects []Object, options TableOptions) *metav1.Table {
	table := &metav1.Table{} // no rows are null, where printers give an empty list
	if !options.NoHeaders {
		doc := metav1.ObjectMeta{}.SwaggerDoc()
		table.ColumnDefinitions = []metav1.TableColumnDefinition{
			{Name: "Name", Type: "string", Format: "name", Description: doc["name"]},
			{Name: "Created At", Type: "date", Description: doc["creationTimestamp"]},
		}
	}
	for _, obj := range objects {
		table.Rows = append(table.Rows, metav1.TableRow{
			Cells:  []any{obj.GetName(), obj.GetCreationTimestamp().UTC().Format(time.RFC3339)},
			Object: runtime.RawExtension{Object: obj},
		})
	}
	return table
}
