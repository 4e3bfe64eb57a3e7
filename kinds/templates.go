package kinds

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilvalidation "k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	podapi "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// dropDisabledTemplateFields removes from a pod template what belongs to
// features that are off, unless the old template (nil on creation) has it
// already.
func dropDisabledTemplateFields(template, old *corev1.PodTemplateSpec) {
	var in, oldIn *core.PodTemplateSpec
	in = internalTemplate(template)
	if old != nil {
		oldIn = internalTemplate(old)
	}
	podapi.DropDisabledTemplateFields(in, oldIn)
	if err := corev1conv.Convert_core_PodTemplateSpec_To_v1_PodTemplateSpec(in, template, nil); err != nil {
		panic(err) // what can be read can be written
	}
}

func internalTemplate(template *corev1.PodTemplateSpec) *core.PodTemplateSpec {
	in := &core.PodTemplateSpec{}
	if err := corev1conv.Convert_v1_PodTemplateSpec_To_core_PodTemplateSpec(template, in, nil); err != nil {
		panic(err) // the two types have the same fields
	}
	return in
}

func templateOptions(template, old *core.PodTemplateSpec) validation.PodValidationOptions {
	return podapi.GetValidationOptionsFromPodTemplate(template, old)
}

// templateWarnings warns about the pods that an object will make: always when
// it is new, and when its spec has changed.
func templateWarnings(meta *metav1.ObjectMeta, template *core.PodTemplateSpec, oldMeta *metav1.ObjectMeta, old *core.PodTemplateSpec) []string {
	path := field.NewPath("spec", "template")
	if oldMeta != nil {
		if meta.Generation == oldMeta.Generation {
			return nil
		}
		return podapi.GetWarningsForPodTemplate(context.Background(), path, template, old)
	}
	return append(podNameWarnings(meta.Name), podapi.GetWarningsForPodTemplate(context.Background(), path, template, nil)...)
}

// podNameWarnings warns about a name that Pods cannot well be named after.
func podNameWarnings(name string) []string {
	problems := utilvalidation.IsDNS1123Label(name)
	if len(problems) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: %v", problems)}
}
