package custom

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/minik8s/minik8s/kinds"
)

// newScale reads and writes replicas where the definition says that they are.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresource (ScaleREST), complete.
func (v *version) newScale() *kinds.Scale {
	return &kinds.Scale{
		Replicas: func(obj kinds.Object) (spec, status int32, selector string) {
			desired, _, _ := unstructured.NestedInt64(content(obj), dotted(v.scale().SpecReplicasPath)...)
			actual, _, _ := unstructured.NestedInt64(content(obj), dotted(v.scale().StatusReplicasPath)...)
			if path := v.scale().LabelSelectorPath; path != nil && *path != "" {
				selector, _, _ = unstructured.NestedString(content(obj), dotted(*path)...)
			}
			return int32(desired), int32(actual), selector
		},
		Set: func(obj kinds.Object, replicas int32) error {
			return unstructured.SetNestedField(content(obj), int64(replicas), dotted(v.scale().SpecReplicasPath)...)
		},
		Check: v.checkScale,
		Path:  v.replicasPath,
	}
}

// checkScale says why an object shows no scale.
func (v *version) checkScale(obj kinds.Object) error {
	_, found, err := unstructured.NestedInt64(content(obj), dotted(v.scale().SpecReplicasPath)...)
	if err != nil {
		return err
	}
	if _, _, err := unstructured.NestedInt64(content(obj), dotted(v.scale().StatusReplicasPath)...); err != nil {
		return err
	}
	if path := v.scale().LabelSelectorPath; path != nil && *path != "" {
		if _, _, err := unstructured.NestedString(content(obj), dotted(*path)...); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("the spec replicas field %q does not exist", v.scale().SpecReplicasPath)
	}
	return nil
}

// replicasPath is where another version has its replicas, or nil.
func (v *version) replicasPath(name string) []string {
	other, ok := v.versions[name]
	if !ok || other.scale() == nil {
		return nil
	}
	return dotted(other.scale().SpecReplicasPath)
}

// dotted splits a path like ".spec.replicas".
func dotted(path string) []string { return strings.Split(strings.TrimPrefix(path, "."), ".") }

func (v *version) validateScaleSpec(obj kinds.Object) field.ErrorList {
	if v.scale() == nil {
		return nil
	}
	return validateReplicas(obj, v.scale().SpecReplicasPath)
}

func (v *version) validateScaleStatus(obj kinds.Object) field.ErrorList {
	if v.scale() == nil {
		return nil
	}
	errs := validateReplicas(obj, v.scale().StatusReplicasPath)
	if path := v.scale().LabelSelectorPath; path != nil {
		if selector, _, err := unstructured.NestedString(content(obj), dotted(*path)...); err != nil {
			errs = append(errs, field.Invalid(field.NewPath(*path), selector, err.Error()))
		}
	}
	return errs
}

func validateReplicas(obj kinds.Object, path string) field.ErrorList {
	replicas, _, err := unstructured.NestedInt64(content(obj), dotted(path)...)
	switch {
	case err != nil:
	case replicas < 0:
		err = errors.New("should be a non-negative integer")
	case replicas > math.MaxInt32:
		err = fmt.Errorf("should be less than or equal to %v", math.MaxInt32)
	default:
		return nil
	}
	return field.ErrorList{field.Invalid(field.NewPath(path), replicas, err.Error())}
}
