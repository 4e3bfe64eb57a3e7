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
	return fmt.Errorf("converting (%s) to (%s): unknown conversion", strings.TrimPrefix(fmt.Sprintf("%T", obj), "*"), InternalName(want))
}

// InternalName is how upstream's errors name the Go type that it handles a kind
// as: "core.Pod".
func InternalName(gvk schema.GroupVersionKind) string {
	gvk.Version = runtime.APIVersionInternal
	if internal, err := Scheme().New(gvk); err == nil {
		return strings.TrimPrefix(fmt.Sprintf("%T", internal), "*")
	}
	return gvk.Kind
}
