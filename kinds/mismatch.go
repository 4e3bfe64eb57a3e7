package kinds

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// UpstreamSchemeName is what the scheme of all kinds is called in the errors of
// upstream's own build: the place where it is made.
const UpstreamSchemeName = "pkg/api/legacyscheme/scheme.go:30"

// UnknownConversion is upstream's error for an object of a kind that cannot be
// made into the wanted one.
func UnknownConversion(obj runtime.Object, want schema.GroupVersionKind) error {
	return fmt.Errorf("converting (%s) to (%s): unknown conversion", typeName(obj), internalName(want))
}

// typeName is how upstream's conversion errors name a Go type: "v1.Pod".
func typeName(obj runtime.Object) string { return strings.TrimPrefix(fmt.Sprintf("%T", obj), "*") }

func internalName(gvk schema.GroupVersionKind) string {
	gvk.Version = runtime.APIVersionInternal
	if internal, err := Scheme().New(gvk); err == nil {
		return typeName(internal)
	}
	return gvk.Kind
}
