package kinds

import (
	"fmt"
	"reflect"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/printers"
)

// rowPrinter has upstream's printers make the rows of one table. Those take
// internal objects with the wall clock's times. It fills the same two objects
// anew for each row, since of a row only text is kept.
type rowPrinter struct {
	kind     *Kind
	times    *timePaths
	shift    time.Duration  // from the world's time to the wall clock's
	copied   Object         // of the storage version
	internal runtime.Object // the same, as the printers want it
}

func (k *Kind) newRowPrinter(options TableOptions) (*rowPrinter, error) {
	internal, err := legacyscheme.Scheme.New(k.GroupKind().WithVersion(runtime.APIVersionInternal))
	if err != nil {
		return nil, fmt.Errorf("printing a %s: %w", k.Kind, err)
	}
	return &rowPrinter{
		kind:     k,
		times:    k.timePaths(),
		shift:    options.Wall.Sub(options.World),
		copied:   k.New(),
		internal: internal,
	}, nil
}

// timePaths are worked out once for a kind of the list, else every time.
func (k *Kind) timePaths() *timePaths {
	if k.times != nil {
		return k.times()
	}
	return timesIn(reflect.TypeOf(k.New()))
}

// print makes a table of one object, which stays as it is.
func (p *rowPrinter) print(obj Object, noHeaders bool) (*metav1.Table, error) {
	p.times.copyShifted(p.copied, obj, p.shift)
	reflect.ValueOf(p.internal).Elem().SetZero()
	if err := legacyscheme.Scheme.Convert(p.copied, p.internal, nil); err != nil {
		return nil, fmt.Errorf("printing a %s: %w", p.kind.Kind, err)
	}
	table, err := upstreamPrinters().GenerateTable(p.internal, printers.GenerateOptions{NoHeaders: noHeaders, Wide: true})
	if err != nil {
		return nil, fmt.Errorf("printing a %s: %w", p.kind.Kind, err)
	}
	return table, nil
}
