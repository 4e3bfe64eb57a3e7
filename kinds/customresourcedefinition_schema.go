package kinds

import (
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// allowDescribed allows the additional properties and items that a schema
// describes. JSON cannot say otherwise, but Go types and protobuf can, and a
// writer who describes them does mean to have them.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1 (JSONSchemaPropsOrBool.UnmarshalJSON), through which every definition goes on its way to etcd and back.
func allowDescribed(crd *apiextensionsv1.CustomResourceDefinition) {
	for i := range crd.Spec.Versions {
		if s := crd.Spec.Versions[i].Schema; s != nil && s.OpenAPIV3Schema != nil {
			allowDescribedIn(s.OpenAPIV3Schema)
		}
	}
}

func allowDescribedIn(s *apiextensionsv1.JSONSchemaProps) {
	for _, some := range [][]apiextensionsv1.JSONSchemaProps{s.AllOf, s.AnyOf, s.OneOf} {
		allowDescribedInEach(some)
	}
	for _, some := range []map[string]apiextensionsv1.JSONSchemaProps{s.Properties, s.PatternProperties, s.Definitions} {
		for _, property := range some { // any order: each is changed by itself
			allowDescribedIn(&property) // a copy, which shares what is changed
		}
	}
	if s.Not != nil {
		allowDescribedIn(s.Not)
	}
	if s.Items != nil {
		allowDescribedInEach(s.Items.JSONSchemas)
		if s.Items.Schema != nil {
			allowDescribedIn(s.Items.Schema)
		}
	}
	for _, either := range []*apiextensionsv1.JSONSchemaPropsOrBool{s.AdditionalProperties, s.AdditionalItems} {
		if either != nil && either.Schema != nil {
			either.Allows = true
			allowDescribedIn(either.Schema)
		}
	}
	for _, dependency := range s.Dependencies { // any order: each is changed by itself
		if dependency.Schema != nil {
			allowDescribedIn(dependency.Schema)
		}
	}
}

func allowDescribedInEach(some []apiextensionsv1.JSONSchemaProps) {
	for i := range some {
		allowDescribedIn(&some[i])
	}
}
