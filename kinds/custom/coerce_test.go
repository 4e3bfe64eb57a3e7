package custom

import (
	"testing"

	"github.com/stretchr/testify/require"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
)

type object = map[string]any

// embedding has embedded objects beside each other, in a map, in a list, and
// one in another.
func embedding() *structuralschema.Structural {
	inner := structuralschema.Structural{Extensions: structuralschema.Extensions{XEmbeddedResource: true}}
	outer := inner
	outer.Properties = map[string]structuralschema.Structural{"spec": inner}
	return &structuralschema.Structural{Properties: map[string]structuralschema.Structural{
		"a": outer, "b": outer,
		"list": {Items: &inner},
		"map":  {AdditionalProperties: &structuralschema.StructuralOrBool{Structural: &inner}},
	}}
}

func TestFirstProblem(t *testing.T) {
	wrong := object{"kind": 1}
	for _, test := range []struct {
		what object
		want string
	}{
		{object{"b": wrong, "a": wrong}, `a.kind: Invalid value: 1: must be a string`},
		{object{"b": wrong, "a": object{"kind": "A"}, "map": object{"z": wrong}}, `b.kind: Invalid value: 1: must be a string`},
		{object{"a": object{"kind": 1, "apiVersion": 2, "spec": wrong}}, `a.apiVersion: Invalid value: 2: must be a string`},
		{object{"a": object{"kind": "A", "spec": wrong}}, `a.spec.kind: Invalid value: 1: must be a string`},
		{object{"map": object{"y": wrong, "x": wrong}, "list": []any{object{}, wrong, wrong}}, `list[1].kind: Invalid value: 1: must be a string`},
		{object{"map": object{"y": wrong, "x": wrong}, "other": 1}, `map[x].kind: Invalid value: 1: must be a string`},
		{
			object{"b": object{"metadata": object{"name": 1, "labels": 2}}, "list": "none"},
			`b.metadata: Invalid value: {"labels":2,"name":1}: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type map[string]string`,
		},
	} {
		require.EqualError(t, firstProblem(nil, test.what, embedding()), test.want)
	}
	for _, good := range []object{{}, {"a": object{"kind": "A", "metadata": object{"name": "a"}}, "b": 1, "list": []any{}, "map": object{"x": nil}}} {
		require.Nil(t, firstProblem(nil, good, embedding()))
		require.Nil(t, objectmeta.Coerce(nil, good, embedding(), false, false))
	}
}
