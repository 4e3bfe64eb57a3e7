package admission

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// priority turns a pod's priority class into a number, and sees to it that
// there is one default class at the most.
//
// Upstream: plugin/pkg/admission/priority, without pod groups.
func priority() Plugin {
	return Plugin{
		Name: "Priority",
		For:  []schema.GroupResource{pods, priorityClasses},
		Admit: func(a *Attributes) error {
			pod, ok := a.Object.(*corev1.Pod)
			switch {
			case !ok || a.Subresource != "":
				return nil
			case a.Operation == Update:
				keepPriority(pod, a.OldObject.(*corev1.Pod))
				return nil
			}
			return a.resolvePriority(pod)
		},
		Validate: func(a *Attributes) error {
			if class, ok := a.Object.(*schedulingv1.PriorityClass); ok && class.GlobalDefault {
				return a.checkOneDefault(class)
			}
			return nil
		},
	}
}

// keepPriority lets an update leave out what admission had filled in.
func keepPriority(pod, old *corev1.Pod) {
	if pod.Spec.Priority == nil {
		pod.Spec.Priority = old.Spec.Priority
	}
	if pod.Spec.PreemptionPolicy == nil {
		pod.Spec.PreemptionPolicy = old.Spec.PreemptionPolicy
	}
}

func (a *Attributes) resolvePriority(pod *corev1.Pod) error {
	class, err := a.priorityClassOf(pod)
	if err != nil {
		return err
	}
	pod.Spec.PriorityClassName = class.Name
	if p := pod.Spec.Priority; p != nil && *p != class.Value {
		return a.Forbidden(fmt.Errorf("the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name", *p, class.Value))
	}
	pod.Spec.Priority = &class.Value
	if class.PreemptionPolicy == nil {
		return nil
	}
	if p := pod.Spec.PreemptionPolicy; p != nil && *p != *class.PreemptionPolicy {
		return a.Forbidden(fmt.Errorf("the string value of PreemptionPolicy (%s) must not be provided in pod spec; priority admission controller computed %s from the given PriorityClass name", *p, *class.PreemptionPolicy))
	}
	pod.Spec.PreemptionPolicy = class.PreemptionPolicy
	return nil
}

// priorityClassOf is the class that a new pod asks for, else the default
// class, else none, with priority zero.
func (a *Attributes) priorityClassOf(pod *corev1.Pod) (*schedulingv1.PriorityClass, error) {
	if name := pod.Spec.PriorityClassName; name != "" {
		if class, ok := a.Get(priorityClasses, "", name).(*schedulingv1.PriorityClass); ok {
			return class, nil
		}
		return nil, a.Forbidden(fmt.Errorf("no PriorityClass with name %v was found", name))
	}
	if class := a.defaultPriorityClass(); class != nil {
		return class, nil
	}
	preempt := corev1.PreemptLowerPriority
	return &schedulingv1.PriorityClass{PreemptionPolicy: &preempt}, nil
}

// defaultPriorityClass is the class marked as global default, nil if none is.
// Of several, which only a race could make, it is the lowest.
func (a *Attributes) defaultPriorityClass() *schedulingv1.PriorityClass {
	var found *schedulingv1.PriorityClass
	for obj := range a.List(priorityClasses, "") {
		class := obj.(*schedulingv1.PriorityClass)
		if class.GlobalDefault && (found == nil || class.Value < found.Value) {
			found = class
		}
	}
	return found
}

func (a *Attributes) checkOneDefault(class *schedulingv1.PriorityClass) error {
	other := a.defaultPriorityClass()
	if other == nil || a.Operation == Update && other.Name == class.Name {
		return nil
	}
	return a.Forbidden(fmt.Errorf("PriorityClass %v is already marked as default. Only one default can exist", other.Name))
}
