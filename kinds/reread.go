package kinds

import (
	"reflect"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// Reread makes of an object that is about to be stored what upstream reads back
// once it is: an empty list is no list, because protobuf cannot tell them apart,
// which shows (as null) in the few fields that are written even when they are
// empty; and what only reading fills in, or leaves out, is done.
func (k *Kind) Reread(obj Object) {
	if k.empties != nil {
		if paths := k.empties(); paths != nil {
			paths.clear(reflect.ValueOf(obj).Elem())
		}
	}
	if k.OnRead != nil {
		k.OnRead(obj)
	}
}

// emptyPaths are the places in values of one struct type where an empty list or
// map is written.
type emptyPaths []emptyField

type emptyField struct {
	index int
	shown bool       // empty or not, the field itself is written
	below emptyPaths // places in the value, its pointee or its elements
}

// emptiesIn works out the places for a kind. It returns nil if there are none,
// and for kinds that upstream stores as JSON.
func emptiesIn(k *Kind) emptyPaths {
	switch k.Group {
	case apiextensionsv1.GroupName, apiregistrationv1.GroupName:
		return nil
	}
	return emptySearch{}.in(reflect.TypeOf(k.New()).Elem())
}

// emptySearch remembers types that were met before, for those that contain
// themselves.
type emptySearch map[reflect.Type]emptyPaths

func (s emptySearch) in(t reflect.Type) emptyPaths {
	if known, ok := s[t]; ok {
		return known
	}
	s[t] = nil // what a type holds only through itself adds nothing
	var paths emptyPaths
	for i := range t.NumField() {
		field := t.Field(i)
		protobuf, json := field.Tag.Get("protobuf"), field.Tag.Get("json")
		if protobuf == "" {
			continue
		}
		f := emptyField{index: i, shown: isRepeated(field.Type) && !strings.Contains(json, ",omitempty")}
		if elem := structIn(field.Type); elem != nil {
			f.below = s.in(elem)
		}
		if f.shown || f.below != nil {
			paths = append(paths, f)
		}
	}
	s[t] = paths
	return paths
}

// isRepeated says that protobuf writes one entry for each element. Bytes are one
// value.
func isRepeated(t reflect.Type) bool {
	return t.Kind() == reflect.Map || t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8
}

// structIn is the struct that values of a type are, point to or are lists of.
func structIn(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	return t
}

func (p emptyPaths) clear(v reflect.Value) {
	for _, f := range p {
		field := v.Field(f.index)
		if f.shown && !field.IsNil() && field.Len() == 0 {
			field.SetZero()
		}
		if f.below != nil {
			f.below.clearWithin(field)
		}
	}
}

func (p emptyPaths) clearWithin(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		p.clear(v)
	case reflect.Pointer:
		if !v.IsNil() {
			p.clearWithin(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			p.clearWithin(v.Index(i))
		}
	}
}
