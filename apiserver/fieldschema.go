package apiserver

import (
	"fmt"
	"sync"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/managedfields"
	apiopenapi "k8s.io/apiserver/pkg/endpoints/openapi"
	"k8s.io/kube-openapi/pkg/builder3"
	"k8s.io/kube-openapi/pkg/common"
	openapiutil "k8s.io/kube-openapi/pkg/util"
	"k8s.io/kube-openapi/pkg/validation/spec"
	generated "k8s.io/kubernetes/pkg/generated/openapi"

	"github.com/minik8s/minik8s/kinds"
)

// fieldSchemas says which lists of the built-in types are sets or maps, and
// by what keys. It depends on nothing but the program, so all worlds of a
// process share it. It takes some 30 ms to make and stays at a few hundred
// KiB, so it is not made before the first request that needs it.
var fieldSchemas = sync.OnceValues(func() (managedfields.TypeConverter, error) {
	names, err := modelNames(kinds.All())
	if err != nil {
		return nil, fmt.Errorf("naming the models of field management: %w", err)
	}
	models, err := builder3.BuildOpenAPIDefinitionsForResources(&common.OpenAPIV3Config{
		Info:              &spec.Info{},
		GetDefinitions:    generated.GetOpenAPIDefinitions,
		GetDefinitionName: apiopenapi.NewDefinitionNamer(kinds.Scheme()).GetDefinitionName,
	}, names...)
	if err != nil {
		return nil, fmt.Errorf("building the models of field management: %w", err)
	}
	return managedfields.NewTypeConverter(models, false)
})

// modelNames are the OpenAPI names of the kinds, in every version that is
// served.
func modelNames(all []*kinds.Kind) ([]string, error) {
	names := []string{openapiutil.GetCanonicalTypeName(&autoscalingv1.Scale{})}
	for _, k := range all {
		if !k.IsStored() {
			continue
		}
		for _, gv := range servedVersions(k) {
			model, err := kinds.Scheme().New(gv.WithKind(k.Kind))
			if err != nil {
				return nil, err
			}
			names = append(names, openapiutil.GetCanonicalTypeName(model))
		}
	}
	return names, nil
}

// servedVersions lists the stored version first.
func servedVersions(k *kinds.Kind) []schema.GroupVersion {
	all := []schema.GroupVersion{k.GroupVersion()}
	for _, version := range k.Versions {
		all = append(all, schema.GroupVersion{Group: k.Group, Version: version})
	}
	return append(all, k.Aliases...)
}

// fieldConverter is how upstream's field manager moves objects between
// versions. The version in the middle is the stored one.
//
// Upstream: k8s.io/apiserver/pkg/endpoints (installer), where the version in the middle is the internal one.
type fieldConverter struct{ *runtime.Scheme }

// ConvertToVersion takes objects, which may be frozen, and what upstream makes
// of them: decoded JSON, and new objects that do not say yet what they are.
func (fieldConverter) ConvertToVersion(in runtime.Object, target runtime.GroupVersioner) (runtime.Object, error) {
	gv, ok := target.(schema.GroupVersion)
	if !ok {
		return nil, fmt.Errorf("converting to %s: not one version", target.Identifier())
	}
	if u, ok := in.(*unstructured.Unstructured); ok {
		typed, err := kinds.Scheme().New(u.GroupVersionKind())
		if err != nil {
			return nil, err
		}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, typed); err != nil {
			return nil, fmt.Errorf("unable to convert unstructured object to %v: %w", u.GroupVersionKind(), err)
		}
		in = typed
	}
	out, err := kinds.Convert(in, gv)
	if err != nil {
		return nil, err
	}
	if kind := out.GetObjectKind(); kind.GroupVersionKind().Empty() {
		gvks, _, err := kinds.Scheme().ObjectKinds(out)
		if err != nil {
			return nil, err
		}
		kind.SetGroupVersionKind(gvks[0])
	}
	return out, nil
}
