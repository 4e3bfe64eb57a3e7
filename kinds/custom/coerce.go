package custom

import (
	"cmp"
	"maps"
	"slices"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// coerce makes an object of this version look as if it had been decoded into
// a Go type of that schema.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver (unstructuredSchemaCoercer), without mending objects that versions before 1.11 stored.
func (v *version) coerce(u *unstructured.Unstructured, report bool) (dropped []string, err error) {
	kind, hasKind, err := unstructured.NestedString(u.Object, "kind")
	if err != nil {
		return nil, err
	}
	apiVersion, hasVersion, err := unstructured.NestedString(u.Object, "apiVersion")
	if err != nil {
		return nil, err
	}
	metadata, hasMetadata, dropped, err := objectmeta.GetObjectMetaWithOptions(u.Object, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: report})
	if err != nil {
		return nil, err
	}
	if !v.crd.Spec.PreserveUnknownFields {
		options := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: report}
		dropped = append(dropped, pruning.PruneWithOptions(u.Object, v.schema(), true, options)...)
		defaulting.PruneNonNullableNullsWithoutDefaults(u.Object, v.schema())
	}
	problem, paths := objectmeta.CoerceWithOptions(nil, u.Object, v.schema(), false, objectmeta.CoerceOptions{ReturnUnknownFieldPaths: report})
	if problem != nil {
		return nil, cmp.Or(firstProblem(nil, u.Object, v.schema()), problem)
	}
	if hasKind {
		u.SetKind(kind)
	}
	if hasVersion {
		u.SetAPIVersion(apiVersion)
	}
	if hasMetadata {
		if err := objectmeta.SetObjectMeta(u.Object, metadata); err != nil {
			return nil, err
		}
	}
	return append(dropped, paths...), nil
}

// firstProblem is what upstream's coercer says of an object that it refuses, if
// it goes through maps in the order of their keys. It goes through them in
// Go's random order, and says the first thing that it finds.
func firstProblem(path *field.Path, x any, s *structuralschema.Structural) *field.Error {
	if s == nil {
		return nil
	}
	switch x := x.(type) {
	case map[string]any:
		flat := &structuralschema.Structural{Extensions: s.Extensions}
		for _, key := range slices.Sorted(maps.Keys(x)) {
			if problem := objectmeta.Coerce(path, map[string]any{key: x[key]}, flat, false, false); problem != nil {
				return problem
			}
			at, within := path.Child(key), (*structuralschema.Structural)(nil)
			if property, ok := s.Properties[key]; ok {
				within = &property
			} else if s.AdditionalProperties != nil {
				at, within = path.Key(key), s.AdditionalProperties.Structural
			}
			if problem := firstProblem(at, x[key], within); problem != nil {
				return problem
			}
		}
	case []any:
		for i := range x {
			if problem := firstProblem(path.Index(i), x[i], s.Items); problem != nil {
				return problem
			}
		}
	}
	return nil
}

// coerceMetadata does that for an object's metadata alone.
func (v *version) coerceMetadata(u *unstructured.Unstructured) error {
	metadata, found, err := objectmeta.GetObjectMeta(u.Object, false)
	if err != nil || !found {
		return err
	}
	return objectmeta.SetObjectMeta(u.Object, metadata)
}
