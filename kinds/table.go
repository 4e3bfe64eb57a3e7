package kinds

import (
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/kubernetes/pkg/printers"
	printersinternal "k8s.io/kubernetes/pkg/printers/internalversion"
)

// TableOptions says how a table is to be printed, and when.
type TableOptions struct {
	// NoHeaders leaves the column definitions out.
	NoHeaders bool
	// List says that the objects are shown as a list, not one for itself.
	List bool
	// World is the time by the world's clock, which ages are counted to. Wall
	// is the time by this machine's clock, read just before.
	World, Wall time.Time
}

// upstreamPrinters know a table for every built-in kind.
var upstreamPrinters = sync.OnceValue(func() *printers.HumanReadableGenerator {
	return printers.NewTableGenerator().With(printersinternal.AddHandlers)
})

// Table prints objects of the storage version, which stay as they are. There
// is a row for each of them, in order, whose Object is the one that was given;
// the caller puts there what the client wants to see instead. Columns of the
// wide form are always in it, with a priority above zero. With no objects
// there are columns only.
//
// The columns are upstream's; the simulator's own kinds show a name and an
// age.
func (k *Kind) Table(objects []Object, options TableOptions) (*metav1.Table, error) {
	switch {
	case k.Custom != nil:
		return k.Custom.Table(objects, options), nil
	case k.Internal:
		return namesAndAges(objects, options), nil
	case k.Print != nil:
		return k.Print(objects, options), nil
	case k.PlainTable:
		return namesAndTimes(objects, options), nil
	}
	p, err := k.newRowPrinter(options)
	if err != nil {
		return nil, err
	}
	table := &metav1.Table{Rows: make([]metav1.TableRow, 0, len(objects))}
	if !options.NoHeaders {
		empty, err := p.print(k.New(), false)
		if err != nil {
			return nil, err
		}
		table.ColumnDefinitions = empty.ColumnDefinitions
	}
	for _, obj := range objects {
		one, err := p.print(obj, true)
		if err != nil {
			return nil, err
		}
		for _, row := range one.Rows {
			row.Object = runtime.RawExtension{Object: obj}
			table.Rows = append(table.Rows, row)
		}
	}
	if options.List && k.PrintList != nil {
		k.PrintList(objects, table.Rows)
	}
	return table, nil
}

func namesAndAges(objects []Object, options TableOptions) *metav1.Table {
	table := &metav1.Table{Rows: make([]metav1.TableRow, 0, len(objects))}
	if !options.NoHeaders {
		table.ColumnDefinitions = []metav1.TableColumnDefinition{
			{Name: "Name", Type: "string", Format: "name", Description: "Name of the object, unique within its namespace."},
			{Name: "Age", Type: "string", Description: "Time since the object was created."},
		}
	}
	for _, obj := range objects {
		table.Rows = append(table.Rows, metav1.TableRow{
			Cells:  []any{obj.GetName(), options.age(obj)},
			Object: runtime.RawExtension{Object: obj},
		})
	}
	return table
}

// age is how long ago an object was created, in the world's time.
func (o TableOptions) age(obj Object) string {
	created := obj.GetCreationTimestamp()
	if created.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(o.World.Sub(created.Time))
}
