package kinds

import (
	"strings"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// nodeLocal is what the simulator's own kinds have in common: they live in
// the namespace of their machine's name, are not served, have no defaults and
// hardly any rules.
func nodeLocal(kind, resource string, empty func() Object) *Kind {
	k := &Kind{
		GroupVersionKind: nodelocal.GroupVersion.WithKind(kind),
		Resource:         resource,
		Singular:         strings.ToLower(kind),
		Namespaced:       true,
		Internal:         true,

		New:     empty,
		Default: func(Object) {},

		AllowUnconditionalUpdate: true,
	}
	k.Validate = func(obj Object) field.ErrorList { return validateMeta(k, obj) }
	k.ValidateUpdate = validateMetaUpdate
	return k
}

func validateMeta(k *Kind, obj Object) field.ErrorList {
	return apivalidation.ValidateObjectMetaAccessor(obj, k.Namespaced, apivalidation.NameIsDNSSubdomain, field.NewPath("metadata"))
}

func validateMetaUpdate(obj, old Object) field.ErrorList {
	return apivalidation.ValidateObjectMetaAccessorUpdate(obj, old, field.NewPath("metadata"))
}
