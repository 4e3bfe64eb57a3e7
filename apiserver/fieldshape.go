package apiserver

import (
	"cmp"
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/minik8s/minik8s/kinds"
)

// shapeOf says in bytes which fields an object has, and as much of what is in
// them as can decide by which paths field management names them: the keys of
// maps, and everything in lists, whose items may be named by their content.
// Objects with one shape have the same set of fields. The metadata that nobody
// manages is left out.
//
// It returns nil for an object without a Go type of its own, and for one that
// cannot be written as JSON.
func shapeOf(obj kinds.Object) []byte {
	if _, ok := obj.(runtime.Unstructured); ok {
		return nil
	}
	s := shaper{out: make([]byte, 0, 256)}
	v := reflect.ValueOf(obj).Elem()
	for i := range v.NumField() {
		field := v.Field(i)
		switch field.Type() {
		case typeMeta:
		case objectMeta:
			s.metadata(field)
		default:
			s.field(i, field)
		}
	}
	if s.failed {
		return nil
	}
	return s.out
}

var (
	typeMeta   = reflect.TypeFor[metav1.TypeMeta]()
	objectMeta = reflect.TypeFor[metav1.ObjectMeta]()
	marshaler  = reflect.TypeFor[json.Marshaler]()
)

// unmanaged is the metadata that upstream's field manager strips, by the
// number of the field.
var unmanaged = fieldNumbers(objectMeta, "Name", "Namespace", "SelfLink", "UID", "ResourceVersion", "Generation", "CreationTimestamp", "ManagedFields")

func fieldNumbers(t reflect.Type, names ...string) []int {
	var numbers []int
	for i := range t.NumField() {
		if slices.Contains(names, t.Field(i).Name) {
			numbers = append(numbers, i)
		}
	}
	return numbers
}

// shaper writes a shape. Every part of it says where it ends, so that no two
// shapes are written alike.
type shaper struct {
	out    []byte
	inList int // how many lists the value at hand is in
	failed bool
}

const shapeEnd = 0xff

func (s *shaper) field(i int, v reflect.Value) {
	if v.IsZero() {
		return
	}
	s.out = append(s.out, byte(i))
	s.value(v)
}

func (s *shaper) metadata(v reflect.Value) {
	for i := range v.NumField() {
		if !slices.Contains(unmanaged, i) {
			s.field(i, v.Field(i))
		}
	}
	s.out = append(s.out, shapeEnd)
}

func (s *shaper) value(v reflect.Value) {
	t := v.Type()
	if t.Kind() != reflect.Pointer && t.NumMethod() > 0 && t.Implements(marshaler) || isStruct(t) && reflect.PointerTo(t).Implements(marshaler) {
		s.marshaled(v)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			s.out = append(s.out, 0)
			return
		}
		s.out = append(s.out, 1)
		s.value(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			s.field(i, v.Field(i))
		}
		s.out = append(s.out, shapeEnd)
	case reflect.Map:
		s.entries(v)
	case reflect.Slice:
		s.items(v)
	default:
		s.scalar(v)
	}
}

func isStruct(t reflect.Type) bool { return t.Kind() == reflect.Struct }

// marshaled is for what decides itself how it looks.
func (s *shaper) marshaled(v reflect.Value) {
	text, err := json.Marshal(v.Interface())
	if err != nil {
		s.failed = true
	}
	s.out = append(s.out, text...)
	s.out = append(s.out, shapeEnd)
}

func (s *shaper) entries(v reflect.Value) {
	if v.Type().Key().Kind() != reflect.String {
		s.failed = true
		return
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	s.out = strconv.AppendInt(s.out, int64(len(keys)), 10)
	for _, key := range keys {
		s.text(key.String())
		s.value(v.MapIndex(key))
	}
	s.out = append(s.out, shapeEnd)
}

func (s *shaper) items(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 { // one scalar
		if s.inList > 0 {
			s.text(string(v.Bytes()))
		}
		return
	}
	s.inList++
	s.out = strconv.AppendInt(s.out, int64(v.Len()), 10)
	s.out = append(s.out, ':')
	for i := range v.Len() {
		s.value(v.Index(i))
	}
	s.inList--
}

// scalar writes a value only where it may be part of a path.
func (s *shaper) scalar(v reflect.Value) {
	if s.inList == 0 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		s.text(v.String())
	case reflect.Bool:
		s.out = strconv.AppendBool(s.out, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.out = strconv.AppendInt(s.out, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		s.out = strconv.AppendUint(s.out, v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		s.out = strconv.AppendUint(s.out, math.Float64bits(v.Float()), 16)
	default:
		s.failed = true
	}
	s.out = append(s.out, shapeEnd)
}

func (s *shaper) text(t string) {
	s.out = strconv.AppendInt(s.out, int64(len(t)), 10)
	s.out = append(s.out, ':')
	s.out = append(s.out, t...)
}
