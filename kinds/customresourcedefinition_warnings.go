package kinds

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	schemavalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// definitionWarnings are about what a schema says in vain. What an earlier
// version of the definition said too is not warned about again.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition (WarningsOnCreate, WarningsOnUpdate), complete.
func definitionWarnings(crd, old *apiextensions.CustomResourceDefinition) []string {
	known := map[string]bool{}
	if old != nil {
		for _, text := range append(unrecognizedFormats(&old.Spec), uselessSets(&old.Spec)...) {
			known[text] = true
		}
	}
	all := append(unrecognizedFormats(&crd.Spec), uselessSets(&crd.Spec)...)
	return slices.DeleteFunc(all, func(text string) bool { return known[text] })
}

// unrecognizedFormats names the formats that nothing checks.
func unrecognizedFormats(definition *apiextensions.CustomResourceDefinitionSpec) []string {
	version := environment.DefaultCompatibilityVersion()
	var texts []string
	eachSchema(definition, func(s *apiextensions.JSONSchemaProps) {
		if s.Format == "" {
			return
		}
		plain := &spec.Schema{SchemaProps: spec.SchemaProps{Format: s.Format, Type: []string{s.Type}}}
		for _, format := range schemavalidation.GetUnrecognizedFormats(plain, version) {
			texts = append(texts, fmt.Sprintf("unrecognized format %q", format))
		}
	})
	slices.Sort(texts) // schemas are visited in the order of maps
	return texts
}

// uselessSets are lists that call themselves sets, of items that cannot be
// compared.
func uselessSets(spec *apiextensions.CustomResourceDefinitionSpec) []string {
	found := map[string]bool{}
	eachSchema(spec, func(s *apiextensions.JSONSchemaProps) {
		if s.XListType == nil || *s.XListType != "set" || s.Items == nil || s.Items.Schema == nil {
			return
		}
		if t := s.Items.Schema.Type; t == "object" || t == "array" {
			found[fmt.Sprintf("x-kubernetes-list-type: set for items of type %q is not supported by server-side apply or CEL validation rules", t)] = true
		}
	})
	return slices.Sorted(maps.Keys(found))
}

// eachSchema visits every node of every version's schema.
func eachSchema(spec *apiextensions.CustomResourceDefinitionSpec, visit func(*apiextensions.JSONSchemaProps)) {
	goOn := func(s *apiextensions.JSONSchemaProps) bool { visit(s); return false }
	if spec.Validation != nil && spec.Validation.OpenAPIV3Schema != nil {
		validation.SchemaHas(spec.Validation.OpenAPIV3Schema, goOn)
	}
	for _, v := range spec.Versions {
		if v.Schema != nil && v.Schema.OpenAPIV3Schema != nil {
			validation.SchemaHas(v.Schema.OpenAPIV3Schema, goOn)
		}
	}
}
