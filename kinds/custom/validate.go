package custom

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	schemavalidation "k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/api/operation"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/common"

	"github.com/minik8s/minik8s/kinds"
)

// How objects are validated: what they say they are, their metadata, the
// schema, the scale fields, embedded objects, lists that are sets or maps, and,
// if all that left something to look at, the CEL rules.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresource (Validate, ValidateUpdate), complete.

func (v *version) validate(obj kinds.Object) field.ErrorList {
	errs := v.validateKind(obj)
	if len(errs) == 0 {
		errs = v.validateMetadata(operation.Create, obj, nil, apivalidation.NameIsDNSSubdomain)
		errs = append(errs, kinds.SortByField(schemavalidation.ValidateCustomResource(nil, content(obj), v.rules().object))...)
		errs = append(errs, v.validateScaleSpec(obj)...)
		errs = append(errs, v.validateScaleStatus(obj)...)
	}
	errs = append(errs, v.validateEmbedded(obj)...)
	errs = append(errs, v.listErrors(obj)...)
	errs = v.validateByCEL(errs, obj, nil)
	if len(errs) == 0 {
		errs = kinds.ValidateMetadata(obj, v.namespaced())
	}
	return errs
}

func (v *version) validateUpdate(obj, old kinds.Object) field.ErrorList {
	errs := kinds.ValidateMetadataUpdate(obj, old, v.namespaced())
	correlated := v.correlate(obj, old)
	if wrong := v.validateKind(obj); len(wrong) > 0 {
		errs = append(errs, wrong...)
	} else {
		errs = append(errs, v.validateMetadata(operation.Update, obj, old, nil)...)
		errs = append(errs, kinds.SortByField(schemavalidation.ValidateCustomResourceUpdate(nil, content(obj), content(old), v.rules().object, schemavalidation.WithRatcheting(correlated)))...)
		errs = append(errs, v.validateScaleSpec(obj)...)
		errs = append(errs, v.validateScaleStatus(obj)...)
	}
	errs = append(errs, v.validateEmbedded(obj)...)
	errs = append(errs, v.validateLists(obj, old)...)
	return v.validateByCEL(errs, obj, old, cel.WithRatcheting(correlated))
}

// validateStatusUpdate looks at the status alone, but for the CEL rules, which
// may compare it with the rest.
func (v *version) validateStatusUpdate(obj, old kinds.Object) field.ErrorList {
	errs := kinds.ValidateMetadataUpdate(obj, old, v.namespaced())
	correlated := v.correlate(obj, old)
	if wrong := v.validateKind(obj); len(wrong) > 0 {
		errs = append(errs, wrong...)
	} else {
		errs = append(errs, v.validateMetadata(operation.Update, obj, old, nil)...)
		if status, ok := content(obj)["status"]; ok {
			errs = append(errs, kinds.SortByField(schemavalidation.ValidateCustomResourceUpdate(field.NewPath("status"), status, content(old)["status"], v.rules().status, schemavalidation.WithRatcheting(correlated.Key("status"))))...)
		}
		errs = append(errs, v.validateScaleStatus(obj)...)
	}
	errs = append(errs, v.validateLists(obj, old)...)
	return v.validateByCEL(errs, obj, old, cel.WithRatcheting(correlated))
}

// correlate pairs the parts of an object with those they come from, so that
// an old fault in an unchanged part is not held against a change elsewhere.
func (v *version) correlate(obj, old kinds.Object) *common.CorrelatedObject {
	return common.NewCorrelatedObject(content(obj), content(old), &model.Structural{Structural: v.schema()})
}

func (v *version) validateKind(obj kinds.Object) field.ErrorList {
	var errs field.ErrorList
	got, want := obj.GetObjectKind().GroupVersionKind(), v.kind()
	if got.Kind != want.Kind {
		errs = append(errs, field.Invalid(field.NewPath("kind"), got.Kind, fmt.Sprintf("must be %v", want.Kind)))
	}
	if got.GroupVersion() != want.GroupVersion() {
		errs = append(errs, field.Invalid(field.NewPath("apiVersion"), got.GroupVersion().String(), fmt.Sprintf("must be %v", want.GroupVersion())))
	}
	return errs
}

func (v *version) validateMetadata(op operation.Type, obj, old kinds.Object, name apivalidation.ValidateNameFunc) field.ErrorList {
	path := field.NewPath("metadata")
	now, err := metadataOf(obj)
	if err != nil {
		return field.ErrorList{field.Invalid(path, content(obj)["metadata"], err.Error())}
	}
	var before *metav1.ObjectMeta
	if old != nil {
		if before, err = metadataOf(old); err != nil {
			return field.ErrorList{field.Invalid(path, content(old)["metadata"], err.Error())}
		}
	}
	const betaEnabled = true // DeclarativeValidationBeta's default
	return apivalidation.ValidateObjectMetaDeclaratively(context.Background(), op, now, before, v.namespaced(), name, path, betaEnabled)
}

func metadataOf(obj kinds.Object) (*metav1.ObjectMeta, error) {
	out := &metav1.ObjectMeta{}
	fields, ok := content(obj)["metadata"].(map[string]any)
	if !ok {
		return out, nil
	}
	return out, runtime.DefaultUnstructuredConverter.FromUnstructured(fields, out)
}

func (v *version) validateEmbedded(obj kinds.Object) field.ErrorList {
	return kinds.SortByField(objectmeta.Validate(context.Background(), nil, content(obj), v.schema(), false))
}

// validateLists lets lists be that were wrong before.
func (v *version) validateLists(obj, old kinds.Object) field.ErrorList {
	if len(v.listErrors(old)) > 0 {
		return nil
	}
	return v.listErrors(obj)
}

func (v *version) listErrors(obj kinds.Object) field.ErrorList {
	return kinds.SortByField(listtype.ValidateListSetsAndMaps(nil, v.schema(), content(obj)))
}

// validateByCEL adds what the CEL rules say. They are not asked about an
// object that is not even of the right form.
func (v *version) validateByCEL(errs field.ErrorList, obj, old kinds.Object, options ...cel.Option) field.ErrorList {
	validator := v.rules().cel
	if validator == nil {
		return errs
	}
	if slices.ContainsFunc(errs, isOfForm) {
		return append(errs, field.Invalid(nil, nil, "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation"))
	}
	var before any
	if old != nil {
		before = content(old)
	}
	found, _ := validator.Validate(context.Background(), nil, v.schema(), content(obj), before, celconfig.RuntimeCELCostBudget, options...)
	return append(errs, kinds.SortByField(found)...)
}

// isOfForm: the error is about the form of the object, which CEL rules rely on.
func isOfForm(err *field.Error) bool {
	switch err.Type {
	case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
		return true
	}
	return false
}
