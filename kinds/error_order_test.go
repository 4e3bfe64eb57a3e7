package kinds

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestErrorsStandInOneOrder(t *testing.T) {
	path := field.NewPath
	key := func(name, key string) *field.Error { return field.Invalid(path(name).Key(key), key, "bad") }
	long := func(name, key string) *field.Error { return field.TooLong(path(name).Key(key), key, 1) }
	required := func(name, key string) *field.Error { return field.Required(path(name).Key(key), "") }
	for name, c := range map[string]struct{ in, want field.ErrorList }{
		"keys of one map": {
			field.ErrorList{key("data", "b"), long("data", "b"), key("data", "a")},
			field.ErrorList{key("data", "a"), key("data", "b"), long("data", "b")},
		},
		"values of one map": {
			field.ErrorList{field.Invalid(path("labels"), "b", ""), field.Invalid(path("labels"), "a", "")},
			field.ErrorList{field.Invalid(path("labels"), "a", ""), field.Invalid(path("labels"), "b", "")},
		},
		"rules about one number": {
			field.ErrorList{field.Invalid(path("max"), 0, "less than min"), field.Required(path("max"), "")},
			field.ErrorList{field.Invalid(path("max"), 0, "less than min"), field.Required(path("max"), "")},
		},
		"rules about one name": {
			field.ErrorList{field.Invalid(path("name"), "X", "upper case"), field.Invalid(path("name"), nil, "changed")},
			field.ErrorList{field.Invalid(path("name"), "X", "upper case"), field.Invalid(path("name"), nil, "changed")},
		},
		"keys that must be there": {
			field.ErrorList{required("data", "username"), required("data", "password")},
			field.ErrorList{required("data", "username"), required("data", "password")},
		},
		"labels that must be there": {
			field.ErrorList{key("spec.labels", "uid"), key("spec.labels", "name")},
			field.ErrorList{key("spec.labels", "uid"), key("spec.labels", "name")},
		},
		"indexes": {
			field.ErrorList{key("list", "1"), key("list", "0"), field.Invalid(path("list").Index(0), "!", "")},
			field.ErrorList{key("list", "1"), key("list", "0"), field.Invalid(path("list").Index(0), "!", "")},
		},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, inOrder(c.in)) })
	}
}
