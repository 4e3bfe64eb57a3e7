package kinds

import (
	"slices"
	"strings"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// definitionTable is the table of CustomResourceDefinitions.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition/tableconvertor, complete.
func definitionTable(objects []Object, options TableOptions) *metav1.Table {
	table := &metav1.Table{Rows: make([]metav1.TableRow, 0, len(objects))}
	if !options.NoHeaders {
		doc := metav1.ObjectMeta{}.SwaggerDoc()
		table.ColumnDefinitions = []metav1.TableColumnDefinition{
			{Name: "Name", Type: "string", Format: "name", Description: doc["name"]},
			{Name: "Scope", Type: "string", Description: "Cluster/Namespaced"},
			{Name: "Versions", Type: "string", Description: "Served versions"},
			{Name: "Created At", Type: "date", Description: doc["creationTimestamp"]},
			{Name: "Group", Type: "string", Priority: 1, Description: "API group"},
			{Name: "Kind", Type: "string", Priority: 1, Description: "CustomResource kind"},
			{Name: "ShortNames", Type: "string", Priority: 1, Description: "Short names"},
			{Name: "Established", Type: "boolean", Priority: 1, Description: "Established status"},
		}
	}
	for _, obj := range objects {
		d := obj.(*apiextensionsv1.CustomResourceDefinition)
		established := slices.ContainsFunc(d.Status.Conditions, func(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
			return c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue
		})
		table.Rows = append(table.Rows, metav1.TableRow{
			Cells: []any{
				d.Name, string(d.Spec.Scope), strings.Join(servedVersions(d), ","), d.CreationTimestamp.UTC().Format(time.RFC3339),
				d.Spec.Group, d.Spec.Names.Kind, strings.Join(d.Spec.Names.ShortNames, ","), established,
			},
			Object: runtime.RawExtension{Object: obj},
		})
	}
	return table
}

// servedVersions marks the one that is stored.
func servedVersions(d *apiextensionsv1.CustomResourceDefinition) []string {
	var served []string
	for _, v := range d.Spec.Versions {
		switch {
		case v.Served && v.Storage:
			served = append(served, v.Name+"(storage)")
		case v.Served:
			served = append(served, v.Name)
		}
	}
	slices.Sort(served)
	return served
}
