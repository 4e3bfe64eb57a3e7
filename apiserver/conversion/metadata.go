package conversion

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// sameIdentity checks that a converted object is still the one it was.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/conversion (validateConvertedObject), complete.
func sameIdentity(original, converted *unstructured.Unstructured) error {
	for _, part := range []struct{ name, was, is string }{
		{"kind", original.GetKind(), converted.GetKind()},
		{"name", original.GetName(), converted.GetName()},
		{"namespace", original.GetNamespace(), converted.GetNamespace()},
		{"UID", string(original.GetUID()), string(converted.GetUID())},
	} {
		if part.was != part.is {
			return fmt.Errorf("must have the same %s: %v != %v", part.name, part.was, part.is)
		}
	}
	return nil
}

// restoreMetadata gives a converted object the metadata that it had. Only
// labels and annotations stay as they came.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/conversion (restoreObjectMeta), complete.
func restoreMetadata(original, converted *unstructured.Unstructured) error {
	came, found := converted.Object["metadata"]
	if !found {
		return errors.New("missing metadata in converted object")
	}
	said, ok := came.(map[string]any)
	if !ok {
		return fmt.Errorf("invalid metadata of type %T in converted object", came)
	}
	metadata := map[string]any{}
	if was, ok := original.Object["metadata"]; ok {
		if metadata, ok = runtime.DeepCopyJSONValue(was).(map[string]any); !ok {
			return fmt.Errorf("invalid metadata of type %T in input object", was)
		}
	}
	converted.Object["metadata"] = metadata
	for _, name := range []string{"labels", "annotations"} {
		if err := takeOver(metadata, said, name); err != nil {
			return err
		}
	}
	return nil
}

// takeOver puts the labels, or the annotations, that the webhook said into the
// metadata. They are validated if they are not what they were.
func takeOver(metadata, said map[string]any, name string) error {
	if said[name] == nil {
		delete(metadata, name)
		return nil
	}
	now, ok := said[name].(map[string]any)
	if !ok {
		return fmt.Errorf("invalid metadata.%s of type %T in converted object", name, said[name])
	}
	was, ok := metadata[name].(map[string]any)
	if !ok && metadata[name] != nil {
		return fmt.Errorf("invalid metadata.%s of type %T in original object", name, metadata[name])
	}
	texts := make(map[string]string, len(now))
	changed := len(now) != len(was)
	for _, key := range slices.Sorted(maps.Keys(now)) {
		text, ok := now[key].(string)
		if !ok {
			return fmt.Errorf("metadata.%s[%s] must be a string, but is %T in converted object", name, key, now[key])
		}
		texts[key] = text
		changed = changed || was[key] != now[key]
	}
	metadata[name] = now
	if !changed {
		return nil
	}
	if name == "labels" {
		return metav1validation.ValidateLabels(texts, field.NewPath("metadata", "labels")).ToAggregate()
	}
	return apivalidation.ValidateAnnotations(texts, field.NewPath("metadata", "annotation")).ToAggregate()
}
