package wire

import (
	"encoding/json"
	"fmt"
	"reflect"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// checkEmbedded refuses an object that was sent in protobuf if a part of it
// cannot be written in JSON. Some fields hold JSON as it came, a
// ControllerRevision's data for one, and no other form lets a client send them
// broken. The managers in the object's own metadata are left alone: the door
// passes over what it cannot read there, as upstream does.
//
// Upstream: k8s.io/apimachinery/pkg/runtime/serializer/protobuf (Serializer.Decode), with a check that JSON inside the object is JSON, answered with a 400; upstream lets it pass, and panics when it asks who owns the fields.
func checkEmbedded(obj runtime.Object) error {
	v := reflect.ValueOf(obj).Elem()
	for i := range v.NumField() {
		if v.Field(i).Type() == reflect.TypeFor[metav1.ObjectMeta]() {
			continue
		}
		if err := checkPart(v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func checkPart(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return checkPart(v.Elem())
	case reflect.Slice:
		return checkElements(v)
	case reflect.Map:
		return checkValues(v)
	case reflect.Struct:
		return checkStruct(v)
	}
	return nil
}

func checkElements(v reflect.Value) error {
	if !mayEmbed(v.Type().Elem()) {
		return nil
	}
	for i := range v.Len() {
		if err := checkPart(v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func checkValues(v reflect.Value) error {
	if !mayEmbed(v.Type().Elem()) {
		return nil
	}
	for key, value := range v.Seq2() {
		if err := checkPart(value); err != nil {
			return fmt.Errorf("%v: %w", key, err)
		}
	}
	return nil
}

func mayEmbed(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Struct:
		return true
	}
	return false
}

func checkStruct(v reflect.Value) error {
	switch v.Type() {
	case reflect.TypeFor[runtime.RawExtension](), reflect.TypeFor[metav1.FieldsV1](), reflect.TypeFor[apiextensionsv1.JSON](), reflect.TypeFor[intstr.IntOrString]():
		return checkJSON(v.Interface().(json.Marshaler))
	}
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		if err := checkPart(v.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

func checkJSON(m json.Marshaler) error {
	text, err := m.MarshalJSON()
	if err != nil {
		return err
	}
	var value json.RawMessage
	return json.Unmarshal(text, &value)
}
