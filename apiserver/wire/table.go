package wire

import (
	"fmt"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metaschema "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	tablevalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
)

// tableView shows objects of an endpoint as rows.
type tableView struct {
	endpoint *endpoint
	options  *metav1.TableOptions
	now      func() time.Time
}

// newTableView reads what the client wants to have in the rows. Errors are 400.
func newTableView(r *http.Request, e *endpoint, now func() time.Time) (*tableView, error) {
	options := &metav1.TableOptions{}
	if err := metaschema.ParameterCodec.DecodeParameters(r.URL.Query(), metav1.SchemeGroupVersion, options); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	switch faults := tablevalidation.ValidateTableOptions(options); len(faults) {
	case 0:
	case 1:
		return nil, apierrors.NewBadRequest(fmt.Sprintf("Unable to convert to Table as requested: %v", faults[0].Error()))
	default:
		return nil, apierrors.NewBadRequest(fmt.Sprintf("Unable to convert to Table as requested: %v", faults))
	}
	return &tableView{e, options, now}, nil
}

// of makes a table. After the first one the columns are left out: a watch
// describes them once.
func (v *tableView) of(items []runtime.Object, m metav1.ListMeta, gv schema.GroupVersion, list bool) (runtime.Object, error) {
	objects := make([]kinds.Object, len(items))
	for i, item := range items {
		objects[i] = item.(kinds.Object)
	}
	print := v.endpoint.kind.Table
	if v.endpoint.subresource == "scale" {
		print = kinds.ScaleTable
	}
	table, err := print(objects, kinds.TableOptions{NoHeaders: v.options.NoHeaders, List: list, World: v.now(), Wall: time.Now()})
	if err != nil {
		return nil, err
	}
	v.options.NoHeaders = true
	table.SetGroupVersionKind(gv.WithKind("Table"))
	table.ListMeta = m
	for i := range table.Rows {
		row := &table.Rows[i]
		if row.Object.Object, err = v.rowObject(row.Object.Object, gv); err != nil {
			return nil, err
		}
	}
	return table, nil
}

// rowObject is what a row carries besides its cells: the object's metadata,
// unless the client asked for all of it or none.
func (v *tableView) rowObject(obj runtime.Object, gv schema.GroupVersion) (runtime.Object, error) {
	switch v.options.IncludeObject {
	case metav1.IncludeObject:
		return versioned(obj, v.endpoint.body)
	case metav1.IncludeNone:
		if !endsInitialEvents(obj) {
			return nil, nil
		}
	}
	return partial(obj, gv)
}

// endsInitialEvents recognises the bookmark whose annotation must reach the
// client whatever it asked for.
func endsInitialEvents(obj runtime.Object) bool {
	m, ok := obj.(metav1.Object)
	return ok && m.GetAnnotations()[metav1.InitialEventsAnnotationKey] == "true"
}
