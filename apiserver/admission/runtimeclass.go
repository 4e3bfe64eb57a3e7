package admission

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/util/tolerations"
)

// runtimeClass lets a pod that names a RuntimeClass have its overhead, node
// selector and tolerations.
//
// Upstream: plugin/pkg/admission/runtimeclass.
func runtimeClass() Plugin {
	return Plugin{
		Name: "RuntimeClass",
		For:  []schema.GroupResource{pods},
		Admit: func(a *Attributes) error {
			if !a.isNew() {
				return nil
			}
			pod := a.Object.(*corev1.Pod)
			class, err := a.runtimeClassOf(pod)
			if class == nil || err != nil {
				return err
			}
			if class.Overhead != nil {
				if err := a.setOverhead(pod, class.Overhead); err != nil {
					return err
				}
			}
			if class.Scheduling != nil {
				return a.setScheduling(pod, class.Scheduling)
			}
			return nil
		},
		Validate: func(a *Attributes) error {
			if !a.isNew() {
				return nil
			}
			pod := a.Object.(*corev1.Pod)
			class, err := a.runtimeClassOf(pod)
			switch {
			case err != nil:
				return err
			case class != nil && class.Overhead != nil:
				return a.checkOverhead(pod, class.Overhead)
			case pod.Spec.Overhead != nil:
				return a.Forbidden(errors.New("pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"))
			}
			return nil
		},
	}
}

// runtimeClassOf is nil for a pod that names none.
func (a *Attributes) runtimeClassOf(pod *corev1.Pod) (*nodev1.RuntimeClass, error) {
	if pod.Spec.RuntimeClassName == nil {
		return nil, nil
	}
	class, ok := a.Get(runtimeClasses, "", *pod.Spec.RuntimeClassName).(*nodev1.RuntimeClass)
	if !ok {
		return nil, a.Forbidden(fmt.Errorf("pod rejected: RuntimeClass %q not found", *pod.Spec.RuntimeClassName))
	}
	return class, nil
}

func (a *Attributes) setOverhead(pod *corev1.Pod, overhead *nodev1.Overhead) error {
	if len(pod.Spec.Overhead) > 0 {
		if err := a.checkOverhead(pod, overhead); err != nil {
			return err
		}
	}
	pod.Spec.Overhead = overhead.PodFixed.DeepCopy()
	return nil
}

func (a *Attributes) checkOverhead(pod *corev1.Pod, overhead *nodev1.Overhead) error {
	if !equality.Semantic.DeepEqual(overhead.PodFixed, pod.Spec.Overhead) {
		return a.Forbidden(errors.New("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"))
	}
	return nil
}

func (a *Attributes) setScheduling(pod *corev1.Pod, scheduling *nodev1.Scheduling) error {
	selector := maps.Clone(pod.Spec.NodeSelector)
	if selector == nil {
		selector = map[string]string{}
	}
	for _, key := range slices.Sorted(maps.Keys(scheduling.NodeSelector)) {
		value := scheduling.NodeSelector[key]
		if own, ok := selector[key]; ok && own != value {
			return a.Forbidden(fmt.Errorf("conflict: runtimeClass.scheduling.nodeSelector[%s] = %s; pod.spec.nodeSelector[%s] = %s", key, value, key, own))
		}
		selector[key] = value
	}
	merged, err := mergeTolerations(pod.Spec.Tolerations, scheduling.Tolerations)
	if err != nil {
		return err
	}
	if len(selector) > 0 {
		pod.Spec.NodeSelector = selector
	}
	pod.Spec.Tolerations = merged
	return nil
}

// mergeTolerations asks upstream's rule, which speaks of the internal version.
func mergeTolerations(first, second []corev1.Toleration) ([]corev1.Toleration, error) {
	internal := func(ts []corev1.Toleration) ([]core.Toleration, error) {
		converted := make([]core.Toleration, len(ts))
		for i := range ts {
			if err := corev1conv.Convert_v1_Toleration_To_core_Toleration(&ts[i], &converted[i], nil); err != nil {
				return nil, err
			}
		}
		return converted, nil
	}
	a, err := internal(first)
	if err != nil {
		return nil, err
	}
	b, err := internal(second)
	if err != nil {
		return nil, err
	}
	merged := tolerations.MergeTolerations(a, b)
	converted := make([]corev1.Toleration, len(merged))
	for i := range merged {
		if err := corev1conv.Convert_core_Toleration_To_v1_Toleration(&merged[i], &converted[i], nil); err != nil {
			return nil, err
		}
	}
	return converted, nil
}
