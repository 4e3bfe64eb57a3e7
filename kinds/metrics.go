package kinds

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
)

// NodeMetrics are what a node has used over the last window of time.
//
// Upstream: sigs.k8s.io/metrics-server (pkg/api), answered by the API server itself; what is used is a model, since nothing runs.
func nodeMetrics() *Kind {
	return &Kind{
		GroupVersionKind: metricsv1beta1.SchemeGroupVersion.WithKind("NodeMetrics"),
		Resource:         "nodes",
		Computed:         readable,

		New: func() Object { return &metricsv1beta1.NodeMetrics{} },
		Print: func(objects []Object, options TableOptions) *metav1.Table {
			return printUsage(objects, options, func(obj Object) (corev1.ResourceList, metav1.Duration) {
				m := obj.(*metricsv1beta1.NodeMetrics)
				return m.Usage, m.Window
			})
		},
	}
}

// PodMetrics are what the containers of a Pod have used over the last window
// of time.
func podMetrics() *Kind {
	return &Kind{
		GroupVersionKind: metricsv1beta1.SchemeGroupVersion.WithKind("PodMetrics"),
		Resource:         "pods",
		Namespaced:       true,
		Computed:         readable,

		New: func() Object { return &metricsv1beta1.PodMetrics{} },
		Print: func(objects []Object, options TableOptions) *metav1.Table {
			return printUsage(objects, options, func(obj Object) (corev1.ResourceList, metav1.Duration) {
				m := obj.(*metricsv1beta1.PodMetrics)
				return sumUsage(m.Containers), m.Window
			})
		},
	}
}

func sumUsage(containers []metricsv1beta1.ContainerMetrics) corev1.ResourceList {
	sum := corev1.ResourceList{}
	for _, c := range containers {
		for name, used := range c.Usage { // any order: sums
			total := sum[name]
			total.Add(used)
			sum[name] = total
		}
	}
	return sum
}

// printUsage is metrics-server's own table: a column for each resource of the
// first row.
func printUsage(objects []Object, options TableOptions, of func(Object) (corev1.ResourceList, metav1.Duration)) *metav1.Table {
	table := &metav1.Table{Rows: make([]metav1.TableRow, 0, len(objects))}
	var names []corev1.ResourceName
	if len(objects) > 0 {
		first, _ := of(objects[0])
		names = slices.Sorted(maps.Keys(first))
	}
	if !options.NoHeaders {
		table.ColumnDefinitions = append(table.ColumnDefinitions, metav1.TableColumnDefinition{Name: "Name", Type: "string", Format: "name", Description: "Name of the resource"})
		for _, name := range names {
			table.ColumnDefinitions = append(table.ColumnDefinitions, metav1.TableColumnDefinition{Name: string(name), Type: "string", Format: "quantity"})
		}
		table.ColumnDefinitions = append(table.ColumnDefinitions, metav1.TableColumnDefinition{Name: "Window", Type: "string", Format: "duration"})
	}
	for _, obj := range objects {
		usage, window := of(obj)
		cells := []any{obj.GetName()}
		for _, name := range names {
			used := usage[name]
			cells = append(cells, used.String())
		}
		table.Rows = append(table.Rows, metav1.TableRow{
			Cells:  append(cells, window.Duration.String()),
			Object: runtime.RawExtension{Object: obj},
		})
	}
	return table
}
