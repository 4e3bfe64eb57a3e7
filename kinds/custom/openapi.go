package custom

import (
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"k8s.io/kube-openapi/pkg/spec3"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// openAPIV2 describes the version as far as OpenAPI v2 can.
func (v *version) openAPIV2() (*spec.Swagger, error) {
	return builder.BuildOpenAPIV2(v.crd, v.Name, builder.Options{V2: true, IncludeSelectableFields: true})
}

// openAPIV3 describes the version.
func (v *version) openAPIV3() (*spec3.OpenAPI, error) {
	return builder.BuildOpenAPIV3(v.crd, v.Name, builder.Options{IncludeSelectableFields: true})
}

// buildFieldSchemas tells server-side apply which lists of the schemas are
// sets or maps.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver (buildOpenAPIModelsForApply), complete.
func (c *compiled) buildFieldSchemas() (managedfields.TypeConverter, error) {
	var documents []*spec3.OpenAPI
	for _, v := range c.crd.Spec.Versions {
		document, err := builder.BuildOpenAPIV3(c.crd, v.Name, builder.Options{})
		if err != nil {
			return nil, fmt.Errorf("building the models of version %s: %w", v.Name, err)
		}
		documents = append(documents, document)
	}
	merged, err := builder.MergeSpecsV3(documents...)
	if err != nil {
		return nil, fmt.Errorf("merging the models of %s: %w", c.crd.Name, err)
	}
	return managedfields.NewTypeConverter(merged.Components.Schemas, c.crd.Spec.PreserveUnknownFields)
}
