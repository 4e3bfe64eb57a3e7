package kinds

import (
	"context"

	"k8s.io/apimachinery/pkg/api/operation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// declarative is the form of upstream's generated validation functions.
type declarative[S any] func(ctx context.Context, op operation.Operation, path *field.Path, obj, old *S) field.ErrorList

// validateStatus is validateUpdate for the status subresource, made cheap
// because nothing is written more often. After PrepareUpdate the spec is the
// old one, and mostly the metadata is too; both were valid when they were
// stored. So the hand-written rules are shown no labels and the like, which
// they would otherwise match against regular expressions a second time, and
// of the declarative rules only those for the status (nil: there are none)
// are run, as the others do nothing for what has not changed.
func (v versions[S, I]) validateStatus(rules func(obj, old *I) field.ErrorList, status declarative[S]) func(obj, old Object) field.ErrorList {
	whole := v.validateUpdate(rules, "status")
	op := operation.Operation{
		Type:    operation.Update,
		Request: operation.Request{Subresources: []string{"status"}},
		Options: v.options,
	}
	withoutMetadata := v.onInternal(func(obj, old *I) field.ErrorList {
		hideMetadata(obj)
		hideMetadata(old)
		return rules(obj, old)
	})
	return func(obj, old Object) field.ErrorList {
		if !sameMetadata(obj, old) {
			return whole(obj, old)
		}
		errs := withoutMetadata(obj, old)
		if status != nil {
			errs = merge(errs, status(context.Background(), op, nil, stored[S](obj), stored[S](old)))
		}
		return inOrder(errs)
	}
}

// hideMetadata takes away what rules about metadata look at, from an internal
// object that is ours alone.
func hideMetadata(internal any) {
	meta := internal.(metav1.Object)
	meta.SetLabels(nil)
	meta.SetAnnotations(nil)
	meta.SetOwnerReferences(nil)
	meta.SetFinalizers(nil)
	meta.SetManagedFields(nil)
}
