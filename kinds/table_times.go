package kinds

import (
	"reflect"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var (
	timeType         = reflect.TypeFor[metav1.Time]()
	microTimeType    = reflect.TypeFor[metav1.MicroTime]()
	managedFieldType = reflect.TypeFor[metav1.ManagedFieldsEntry]()
)

// timePaths are the places in values of one Go type where times are: a time
// itself, or fields, a pointee or elements that have some.
//
// Upstream's printers count ages to the clock of the machine they run on.
// Moved by the distance between that clock and the world's, each time is as
// long ago for them as it is in the world. All times are moved but those of
// field managers, which no table shows, so that nobody who adds a kind has to
// think of the ones that its columns show. Most of an object holds none, and
// is shared with the frozen original.
type timePaths struct {
	fields []timeField
	elem   *timePaths // of a pointer or a slice
	isTime bool
}

type timeField struct {
	index int
	paths *timePaths
}

// timesIn works out the places for a type. It returns nil if there are none.
func timesIn(t reflect.Type) *timePaths {
	return timeSearch{}.in(t)
}

// timeSearch remembers types that were met before, for those that contain
// themselves.
type timeSearch map[reflect.Type]*timePaths

func (s timeSearch) in(t reflect.Type) *timePaths {
	if t == timeType || t == microTimeType {
		return &timePaths{isTime: true}
	}
	if known, ok := s[t]; ok || t == managedFieldType {
		return known
	}
	s[t] = nil // what a type holds only through itself adds nothing
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		if elem := s.in(t.Elem()); elem != nil {
			s[t] = &timePaths{elem: elem}
		}
	case reflect.Struct:
		var fields []timeField
		for i := range t.NumField() {
			if !t.Field(i).IsExported() {
				continue
			}
			if paths := s.in(t.Field(i).Type); paths != nil {
				fields = append(fields, timeField{i, paths})
			}
		}
		if fields != nil {
			s[t] = &timePaths{fields: fields}
		}
	}
	return s[t]
}

// copyShifted makes to a copy of an object with the times in it moved. What
// holds no times is shared with the object.
func (p *timePaths) copyShifted(to, obj Object, by time.Duration) {
	copied := reflect.ValueOf(to).Elem()
	copied.Set(reflect.ValueOf(obj).Elem())
	if p != nil {
		p.elem.shift(copied, by)
	}
}

// shift moves the times in a value that is ours but for what it points to.
func (p *timePaths) shift(v reflect.Value, by time.Duration) {
	switch v.Kind() {
	case reflect.Struct:
		if p.isTime {
			moveTime(v, by)
			return
		}
		for _, f := range p.fields {
			f.paths.shift(v.Field(f.index), by)
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		own := reflect.New(v.Type().Elem())
		own.Elem().Set(v.Elem())
		p.elem.shift(own.Elem(), by)
		v.Set(own)
	case reflect.Slice:
		if v.Len() == 0 {
			return
		}
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		for i := range own.Len() {
			p.elem.shift(own.Index(i), by)
		}
		v.Set(own)
	}
}

func moveTime(v reflect.Value, by time.Duration) {
	switch t := v.Addr().Interface().(type) {
	case *metav1.Time:
		if !t.IsZero() {
			t.Time = t.Add(by)
		}
	case *metav1.MicroTime:
		if !t.IsZero() {
			t.Time = t.Add(by)
		}
	}
}
