package kinds

import (
	"context"

	"k8s.io/apimachinery/pkg/api/validate"
	"k8s.io/apimachinery/pkg/api/validate/content"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
)

// validate returns the whole validation of a new object: the kind's
// hand-written rules, then the declarative ones, which belong to the version
// and are generated from its tags.
func (v versions[S, I]) validate(rules func(*I) field.ErrorList) func(Object) field.ErrorList {
	var spare spares[I]
	return func(obj Object) field.ErrorList {
		in := spare.take()
		if err := v.convert(obj, in); err != nil {
			return unreadable(err)
		}
		errs := rules(in)
		if len(errs) == 0 { // errors may hold parts of what they are about
			spare.giveBack(in)
		}
		if len(errs) == 0 && v.metadataUnchecked {
			errs = ValidateMetadata(obj, !v.clusterScoped)
		}
		if v.handwrittenOnly {
			return inOrder(errs)
		}
		return inOrder(merge(errs, legacyscheme.Scheme.Validate(context.Background(), v.options, obj)))
	}
}

// validateUpdate returns the whole validation of a changed object: first the
// rules that hold for the metadata of any kind, then the kind's own.
// subresources names the path below the object that is written, if any.
func (v versions[S, I]) validateUpdate(rules func(obj, old *I) field.ErrorList, subresources ...string) func(obj, old Object) field.ErrorList {
	checked := v.onInternal(rules)
	return func(obj, old Object) field.ErrorList {
		var errs field.ErrorList
		sameButManagers := sameButManagers(obj, old)
		switch {
		case !sameButManagers:
			errs = ValidateMetadataUpdate(obj, old, !v.clusterScoped)
		case !sameMetadata(obj, old):
			errs = metavalidation.ValidateManagedFields(obj.GetManagedFields(), field.NewPath("metadata", "managedFields"))
		}
		errs = append(errs, checked(obj, old)...)
		if v.handwrittenOnly {
			return inOrder(errs)
		}
		if sameButManagers {
			old = withMetadataOf(obj, stored[S](old))
		}
		return inOrder(merge(errs, legacyscheme.Scheme.ValidateUpdate(context.Background(), v.options, obj, old, subresources...)))
	}
}

// onInternal lifts rules for changed objects.
func (v versions[S, I]) onInternal(rules func(obj, old *I) field.ErrorList) func(obj, old Object) field.ErrorList {
	var spare spares[I]
	return func(obj, old Object) field.ErrorList {
		in, oldIn := spare.take(), spare.take()
		if err := v.convert(obj, in); err != nil {
			return unreadable(err)
		}
		if err := v.convert(old, oldIn); err != nil {
			return unreadable(err)
		}
		errs := rules(in, oldIn)
		if len(errs) == 0 { // errors may hold parts of what they are about
			spare.giveBack(in, oldIn)
		}
		return errs
	}
}

// merge joins the errors of hand-written and of declarative rules so that a
// rule that exists in both is reported once, and so is one that upstream asks
// several times, as it does for the metadata of an update.
//
// A rule moves from Go code to tags in three stages: alpha tags are only
// compared with the code, beta tags take its place, and those without a stage
// have no code left. Code that has a tag marks its errors as covered.
//
// Upstream: k8s.io/apiserver/pkg/registry/rest (ValidateDeclarativelyWithMigrationChecks), without the log lines and metrics for rules that disagree.
func merge(handwritten, declarative field.ErrorList) field.ErrorList {
	if len(handwritten)+len(declarative) == 0 {
		return nil
	}
	const betaEnabled = true // DeclarativeValidationBeta's default
	ctx := context.Background()
	enforced := validate.FilterEnforcedDeclarativeErrors(ctx, declarative, betaEnabled)
	handwritten = validate.FilterCoveredHandwrittenErrors(ctx, handwritten, enforced, betaEnabled)
	return append(handwritten, enforced...)
}

// pathSegment is the least that a name must be: something that can stand
// between two slashes.
func pathSegment(name string, prefix bool) []string {
	if prefix {
		return content.IsPathSegmentPrefix(name)
	}
	return content.IsPathSegmentName(name)
}

// ValidateMetadata checks what holds for the metadata of a new object of any
// kind.
func ValidateMetadata(obj Object, namespaced bool) field.ErrorList {
	return apivalidation.ValidateObjectMetaAccessor(obj, namespaced, pathSegment, field.NewPath("metadata"))
}

// ValidateMetadataUpdate checks what holds for the metadata of a changed
// object of any kind.
func ValidateMetadataUpdate(obj, old Object, namespaced bool) field.ErrorList {
	return append(ValidateMetadata(obj, namespaced),
		apivalidation.ValidateObjectMetaAccessorUpdate(obj, old, field.NewPath("metadata"))...)
}
