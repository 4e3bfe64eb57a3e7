package custom

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/minik8s/minik8s/kinds"
)

// What a client may set, and when the generation moves.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/registry/customresource (strategy, statusStrategy), complete.

func content(obj kinds.Object) map[string]any { return obj.(*unstructured.Unstructured).Object }

func (v *version) prepareCreate(obj kinds.Object) {
	if v.hasStatus() {
		delete(content(obj), "status")
	}
	obj.SetGeneration(1)
}

// prepareUpdate keeps the status, if it can be written elsewhere. Every change
// but one of the metadata moves the generation.
func (v *version) prepareUpdate(obj, old kinds.Object) {
	if v.hasStatus() {
		keepPart(obj, old, "status")
	}
	if !equality.Semantic.DeepEqual(withoutMetadata(obj), withoutMetadata(old)) {
		obj.SetGeneration(old.GetGeneration() + 1)
	}
}

func withoutMetadata(obj kinds.Object) map[string]any {
	rest := maps.Clone(content(obj))
	delete(rest, "metadata")
	return rest
}

// keepPart puts a part of an object back as it was.
func keepPart(obj, old kinds.Object, part string) {
	if was, ok := content(old)[part]; ok {
		content(obj)[part] = was
	} else {
		delete(content(obj), part)
	}
}

// prepareStatusUpdate keeps everything but the status and the managers.
func (v *version) prepareStatusUpdate(obj, old kinds.Object) {
	status, hasStatus := content(obj)["status"]
	managers := obj.GetManagedFields()
	now := old.DeepCopyObject().(*unstructured.Unstructured)
	now.SetManagedFields(managers)
	if hasStatus {
		now.Object["status"] = status
	} else {
		delete(now.Object, "status")
	}
	obj.(*unstructured.Unstructured).Object = now.Object
}

// standardFinalizers need no domain.
var standardFinalizers = []string{metav1.FinalizerOrphanDependents, metav1.FinalizerDeleteDependents, string(corev1.FinalizerKubernetes)}

// finalizerWarnings are about new finalizers that others may use too.
func finalizerWarnings(obj, old kinds.Object) []string {
	added := slices.Clone(obj.GetFinalizers())
	if old != nil {
		known := old.GetFinalizers()
		added = slices.DeleteFunc(added, func(f string) bool { return slices.Contains(known, f) })
	}
	slices.Sort(added)
	var warnings []string
	for _, f := range slices.Compact(added) {
		warn := func(text string) { warnings = append(warnings, fmt.Sprintf("metadata.finalizers: %q: %s", f, text)) }
		for _, text := range validation.IsQualifiedName(f) {
			warn(text)
		}
		switch {
		case strings.Contains(f, "/"), slices.Contains(standardFinalizers, f):
		case strings.Contains(f, "."):
			warn("prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers")
		default:
			warn("prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers")
		}
	}
	return warnings
}
