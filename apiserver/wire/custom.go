package wire

import (
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/crdserverscheme"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"

	"github.com/minik8s/minik8s/apiserver"
)

// isCustom says whether bodies of the endpoint are custom resources, and not a
// scale of one.
func (e *endpoint) isCustom() bool { return e.kind.Custom != nil && e.body == e.kind.GroupVersionKind }

// customCodecs read custom resources: JSON and YAML.
var customCodecs = newCustomSerializer()

// customSerializer is a runtime.NegotiatedSerializer.
type customSerializer struct{ mediaTypes []runtime.SerializerInfo }

func newCustomSerializer() customSerializer {
	typer := crdserverscheme.NewUnstructuredObjectTyper()
	serializer := func(o json.SerializerOptions) runtime.Serializer {
		return json.NewSerializerWithOptions(json.DefaultMetaFactory, unstructuredCreator{}, typer, o)
	}
	return customSerializer{[]runtime.SerializerInfo{
		{
			MediaType: runtime.ContentTypeJSON, MediaTypeType: "application", MediaTypeSubType: "json", EncodesAsText: true,
			Serializer:       serializer(json.SerializerOptions{}),
			StrictSerializer: serializer(json.SerializerOptions{Strict: true}),
		},
		{
			MediaType: runtime.ContentTypeYAML, MediaTypeType: "application", MediaTypeSubType: "yaml", EncodesAsText: true,
			Serializer:       serializer(json.SerializerOptions{Yaml: true}),
			StrictSerializer: serializer(json.SerializerOptions{Yaml: true, Strict: true}),
		},
	}}
}

// SupportedMediaTypes implements runtime.NegotiatedSerializer.
func (s customSerializer) SupportedMediaTypes() []runtime.SerializerInfo { return s.mediaTypes }

// EncoderForVersion implements runtime.NegotiatedSerializer.
func (customSerializer) EncoderForVersion(e runtime.Encoder, _ runtime.GroupVersioner) runtime.Encoder {
	return e
}

// DecoderToVersion implements runtime.NegotiatedSerializer.
func (customSerializer) DecoderToVersion(d runtime.Decoder, _ runtime.GroupVersioner) runtime.Decoder {
	return d
}

type unstructuredCreator struct{}

// New implements runtime.ObjectCreater.
func (unstructuredCreator) New(gvk schema.GroupVersionKind) (runtime.Object, error) {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(gvk)
	return u, nil
}

// decodeCustom reads a custom resource of the endpoint's version. The fields
// that its schema does not have are dropped, and treated like fields that a Go
// type does not have.
func (e *endpoint) decodeCustom(decoder runtime.Decoder, data []byte, want schema.GroupVersionKind, _ []string, validation string) (runtime.Object, []string, error) {
	into := &unstructured.Unstructured{}
	into.SetGroupVersionKind(want)
	obj, got, err := decoder.Decode(data, &want, into)
	var faults []error
	if err != nil {
		strict, isStrict := runtime.AsStrictDecodingError(err)
		if !isStrict || obj == nil {
			return nil, nil, undecodable(err, got, want, data)
		}
		faults = strict.Errors()
	}
	u, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return nil, nil, undecodable(fmt.Errorf("got a %T", obj), got, want, data)
	}
	if got.GroupVersion() != want.GroupVersion() {
		return nil, nil, apierrors.NewBadRequest(fmt.Sprintf("the API version in the data (%s) does not match the expected API version (%s)", got.GroupVersion(), want.GroupVersion()))
	}
	dropped, err := e.kind.Custom.Coerce(u, validation != metav1.FieldValidationIgnore)
	if err != nil {
		return nil, nil, undecodable(err, got, want, data)
	}
	for _, path := range dropped {
		faults = append(faults, fmt.Errorf("unknown field %q", path))
	}
	switch {
	case len(faults) == 0 || validation == metav1.FieldValidationIgnore:
		return u, nil, nil
	case validation == metav1.FieldValidationStrict:
		return nil, nil, undecodable(runtime.NewStrictDecodingError(faults), got, want, data)
	}
	return u, apiserver.StrictWarnings(faults), nil
}

// customList makes a list of custom resources, which say what they are.
func customList(items []runtime.Object, m metav1.ListMeta, e *endpoint) runtime.Object {
	list := &unstructured.UnstructuredList{Items: make([]unstructured.Unstructured, len(items))}
	for i, item := range items {
		list.Items[i] = *item.(*unstructured.Unstructured)
	}
	list.SetGroupVersionKind(e.list())
	setListMeta(list, m)
	return list
}
