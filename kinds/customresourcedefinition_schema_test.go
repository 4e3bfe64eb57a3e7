package kinds

import (
	"testing"

	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// A schema that was not read from JSON, as protobuf and Go programs have it.
func TestADescribedPropertyIsAllowed(t *testing.T) {
	described := func() *apiextensionsv1.JSONSchemaPropsOrBool {
		return &apiextensionsv1.JSONSchemaPropsOrBool{Schema: &apiextensionsv1.JSONSchemaProps{Type: "string"}}
	}
	inner := apiextensionsv1.JSONSchemaProps{AdditionalProperties: described()}
	none := &apiextensionsv1.JSONSchemaPropsOrBool{}
	s := &apiextensionsv1.JSONSchemaProps{
		Properties: map[string]apiextensionsv1.JSONSchemaProps{
			"map":  inner,
			"list": {Items: &apiextensionsv1.JSONSchemaPropsOrArray{Schema: &apiextensionsv1.JSONSchemaProps{AdditionalProperties: described()}}},
			"none": {AdditionalProperties: none},
		},
		AllOf: []apiextensionsv1.JSONSchemaProps{{AdditionalProperties: described()}},
		Not:   &apiextensionsv1.JSONSchemaProps{AdditionalProperties: described()},
	}
	crd := &apiextensionsv1.CustomResourceDefinition{Spec: apiextensionsv1.CustomResourceDefinitionSpec{
		Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: s}}, {}},
	}}
	customResourceDefinition().Default(crd)
	require.True(t, s.Properties["map"].AdditionalProperties.Allows)
	require.True(t, s.Properties["list"].Items.Schema.AdditionalProperties.Allows)
	require.True(t, s.AllOf[0].AdditionalProperties.Allows)
	require.True(t, s.Not.AdditionalProperties.Allows)
	require.False(t, none.Allows)
}
