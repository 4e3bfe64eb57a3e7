package kinds

import (
	"errors"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	jsonserializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
)

// DecodePatched reads the JSON that a patch made of an object of the wanted
// kind and version. The patch may have made another version of it, which is
// converted, or another kind, which is an error. strict are fields that the
// kind does not have, or that are there twice, if they are asked for.
//
// An object that has lost its apiVersion is taken for upstream's internal
// version, none of whose fields have the names that are in JSON: what comes of
// it is all but empty, and is refused for having no name.
//
// Upstream: k8s.io/apimachinery/pkg/runtime/serializer/versioning (codec.Decode), complete.
func DecodePatched(data []byte, want schema.GroupVersionKind, report bool) (obj runtime.Object, strict []error, err error) {
	internal, err := scheme.New(want.GroupKind().WithVersion(runtime.APIVersionInternal))
	if err != nil {
		return nil, nil, err
	}
	serializer := jsonserializer.NewSerializerWithOptions(jsonserializer.DefaultMetaFactory, scheme, scheme, jsonserializer.SerializerOptions{Strict: report})
	obj, got, err := serializer.Decode(data, nil, internal)
	if err != nil {
		problems, ok := runtime.AsStrictDecodingError(err)
		if !ok || obj == nil {
			return nil, nil, inUpstreamsScheme(err)
		}
		strict = problems.Errors()
	}
	if *got == want {
		obj.GetObjectKind().SetGroupVersionKind(want) // it may not have said so itself
		return obj, strict, nil
	}
	if obj != internal {
		scheme.Default(obj)
		if err := scheme.Convert(obj, internal, runtime.InternalGroupVersioner); err != nil {
			return nil, nil, err
		}
	}
	obj, err = scheme.UnsafeConvertToVersion(internal, want.GroupVersion())
	return obj, strict, err
}

// inUpstreamsScheme gives the scheme the name that it has in upstream's build.
func inUpstreamsScheme(err error) error {
	return errors.New(strings.ReplaceAll(err.Error(), scheme.Name(), UpstreamSchemeName))
}
