package custom

import (
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
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
		return nil, problem
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
