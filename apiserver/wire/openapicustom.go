package wire

import (
	"k8s.io/apiextensions-apiserver/pkg/controller/openapi/builder"
	"k8s.io/kube-openapi/pkg/spec3"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// withCustomV3 adds what custom resources of a group version say of
// themselves.
func withCustomV3(document *spec3.OpenAPI, v groupVersion) (*spec3.OpenAPI, error) {
	var all []*spec3.OpenAPI
	for _, e := range v.endpoints {
		switch {
		case e.kind.Custom == nil:
			if len(all) == 0 {
				all = append(all, document)
			}
		case e.subresource == "":
			own, err := e.kind.Custom.OpenAPIV3()
			if err != nil {
				return nil, err
			}
			all = append(all, own)
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return builder.MergeSpecsV3(all...)
}

// withCustomV2 adds what all custom resources say of themselves. A definition
// of the first document stays as it is.
func withCustomV2(document *spec.Swagger, served *endpoints) (*spec.Swagger, error) {
	var all []*spec.Swagger
	for _, g := range served.groups {
		for _, v := range g.versions {
			for _, e := range v.endpoints {
				if e.kind.Custom == nil || e.subresource != "" {
					continue
				}
				own, err := e.kind.Custom.OpenAPIV2()
				if err != nil {
					return nil, err
				}
				all = append(all, own)
			}
		}
	}
	if len(all) == 0 {
		return document, nil
	}
	return builder.MergeSpecs(document, all...)
}
