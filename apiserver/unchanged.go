package apiserver

import (
	"reflect"

	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/minik8s/minik8s/kinds"
)

// unchanged says whether two objects of a kind mean the same. It is
// equality.Semantic.DeepEqual, but looks at each part (metadata, spec, status)
// with reflect.DeepEqual first: that sees at once that a part is shared, as the
// spec is when only the status was written.
func unchanged(obj, old kinds.Object) bool {
	a, b := reflect.ValueOf(obj), reflect.ValueOf(old)
	if a.Type() != b.Type() || a.Kind() != reflect.Pointer || a.Elem().Kind() != reflect.Struct {
		return equality.Semantic.DeepEqual(obj, old)
	}
	a, b = a.Elem(), b.Elem()
	for i := range a.NumField() {
		part, oldPart := a.Field(i).Addr().Interface(), b.Field(i).Addr().Interface()
		if !reflect.DeepEqual(part, oldPart) && !equality.Semantic.DeepEqual(part, oldPart) {
			return false
		}
	}
	return true
}
