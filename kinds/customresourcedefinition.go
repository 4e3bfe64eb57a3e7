package kinds

import (
	"context"
	"slices"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// A CustomResourceDefinition has the API serve a kind of its author's own.
// Whether and how it is served is in its status, which the controllers write:
// see kinds/custom for the kinds that come of it.
//
// Its status subresource leaves metadata as it is sent, so the finalizer of a
// definition is taken off through it.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition (strategy), with the errors about a schema in a fixed order, and without v1beta1, which has not been served since 1.22.
func customResourceDefinition() *Kind {
	definitions := versions[apiextensionsv1.CustomResourceDefinition, apiextensions.CustomResourceDefinition]{
		toInternal:    apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition,
		fromInternal:  apiextensionsv1.Convert_apiextensions_CustomResourceDefinition_To_v1_CustomResourceDefinition,
		clusterScoped: true,

		handwrittenOnly: true,
	}
	ctx := context.Background()
	return &Kind{
		GroupVersionKind: apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"),
		Resource:         "customresourcedefinitions",
		Singular:         "customresourcedefinition",
		ShortNames:       []string{"crd", "crds"},
		Categories:       []string{"api-extensions"},

		New: func() Object { return &apiextensionsv1.CustomResourceDefinition{} },
		Default: func(obj Object) {
			definitions.defaults(obj)
			allowDescribed(obj.(*apiextensionsv1.CustomResourceDefinition))
		},

		PrepareCreate: func(obj Object) {
			crd := obj.(*apiextensionsv1.CustomResourceDefinition)
			crd.Status = apiextensionsv1.CustomResourceDefinitionStatus{}
			crd.Generation = 1
			noteStoredVersion(crd)
		},
		PrepareUpdate: func(obj, old Object) {
			crd, before := obj.(*apiextensionsv1.CustomResourceDefinition), old.(*apiextensionsv1.CustomResourceDefinition)
			crd.Status = before.Status
			if !equality.Semantic.DeepEqual(before.Spec, crd.Spec) {
				crd.Generation = before.Generation + 1
			}
			noteStoredVersion(crd)
		},
		Validate: definitions.validate(func(crd *apiextensions.CustomResourceDefinition) field.ErrorList {
			return schemasInOrder(validation.ValidateCustomResourceDefinition(ctx, crd))
		}),
		ValidateUpdate: definitions.validateUpdate(func(crd, old *apiextensions.CustomResourceDefinition) field.ErrorList {
			return schemasInOrder(validation.ValidateCustomResourceDefinitionUpdate(ctx, crd, old))
		}),
		Warnings: definitions.warnings(definitionWarnings),

		Status: &Subresource{
			NoTable: true,
			PrepareUpdate: func(obj, old Object) {
				crd, before := obj.(*apiextensionsv1.CustomResourceDefinition), old.(*apiextensionsv1.CustomResourceDefinition)
				crd.Spec = before.Spec
			},
			ValidateUpdate: definitions.validateUpdate(func(crd, old *apiextensions.CustomResourceDefinition) field.ErrorList {
				return schemasInOrder(validation.ValidateUpdateCustomResourceDefinitionStatus(ctx, crd, old))
			}, "status"),
		},
		Print: definitionTable,
	}
}

// noteStoredVersion adds the version that objects are stored in from now on
// to those in which there may be stored objects.
func noteStoredVersion(crd *apiextensionsv1.CustomResourceDefinition) {
	for _, v := range crd.Spec.Versions {
		if !v.Storage {
			continue
		}
		if !slices.Contains(crd.Status.StoredVersions, v.Name) {
			crd.Status.StoredVersions = append(slices.Clip(crd.Status.StoredVersions), v.Name)
		}
		return // there should be no other
	}
}
