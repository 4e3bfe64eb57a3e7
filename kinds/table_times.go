package kinds

import (
	"reflect"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var (
	timeType      = reflect.TypeFor[metav1.Time]()
	microTimeType = reflect.TypeFor[metav1.MicroTime]()
)

// shiftTimes returns a copy of an object with every time in it moved.
//
// Upstream's printers count ages to the clock of the machine they run on.
// Moved by the distance between that clock and the world's, each time is as
// long ago for them as it is in the world. All times are moved, wherever they
// are, so that nobody who adds a kind has to think of the ones that its
// columns show.
func shiftTimes(obj Object, by time.Duration) Object {
	copied := obj.DeepCopyObject().(Object)
	shift(reflect.ValueOf(copied).Elem(), by)
	return copied
}

func shift(v reflect.Value, by time.Duration) {
	switch v.Kind() {
	case reflect.Struct:
		switch v.Type() {
		case timeType:
			if t := v.Addr().Interface().(*metav1.Time); !t.IsZero() {
				t.Time = t.Add(by)
			}
			return
		case microTimeType:
			if t := v.Addr().Interface().(*metav1.MicroTime); !t.IsZero() {
				t.Time = t.Add(by)
			}
			return
		}
		for i := range v.NumField() {
			if field := v.Field(i); field.CanSet() {
				shift(field, by)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			shift(v.Elem(), by)
		}
	case reflect.Slice:
		if holdsNoTimes(v.Type().Elem().Kind()) {
			return
		}
		for i := range v.Len() {
			shift(v.Index(i), by)
		}
	}
}

// holdsNoTimes spares the walk through bytes and lists of names.
func holdsNoTimes(kind reflect.Kind) bool {
	switch kind {
	case reflect.Struct, reflect.Pointer, reflect.Slice:
		return false
	}
	return true
}
