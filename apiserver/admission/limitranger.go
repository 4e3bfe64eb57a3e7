package admission

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// limitRangerAnnotation says in a pod what was filled in for it.
const limitRangerAnnotation = "kubernetes.io/limit-ranger"

// limitRanger gives containers the requests and limits that the namespace has
// for those who name none, and refuses pods and claims that want too much, or
// too little.
//
// Upstream: plugin/pkg/admission/limitranger, where several violations are told in any order; here they are sorted.
func limitRanger() Plugin {
	return Plugin{
		Name: "LimitRanger",
		For:  []schema.GroupResource{pods, persistentVolumeClaims},
		Admit: func(a *Attributes) error {
			pod, ok := a.Object.(*corev1.Pod)
			if !ok || !a.isLimited() {
				return nil
			}
			for obj := range a.List(limitRanges, a.Namespace) {
				defaultResources(pod, obj.(*corev1.LimitRange))
			}
			return nil
		},
		Validate: func(a *Attributes) error {
			if !a.isLimited() {
				return nil
			}
			for obj := range a.List(limitRanges, a.Namespace) {
				if err := checkLimits(a.Object, obj.(*corev1.LimitRange)); err != nil {
					return a.Forbidden(err)
				}
			}
			return nil
		},
	}
}

// isLimited: pods when they are made and when they are resized, claims
// whenever they are written; but nothing that is on its way out.
func (a *Attributes) isLimited() bool {
	if old, ok := a.OldObject.(metav1.Object); ok && old.GetDeletionTimestamp() != nil {
		return false
	}
	switch a.Object.(type) {
	case *corev1.Pod:
		return a.isNew() || a.Operation == Update && a.Subresource == "resize"
	case *corev1.PersistentVolumeClaim:
		return a.isWrite()
	}
	return false
}

// defaultResources fills in what containers do not say themselves, and notes
// it in an annotation.
func defaultResources(pod *corev1.Pod, limits *corev1.LimitRange) {
	requests, maximum := corev1.ResourceList{}, corev1.ResourceList{}
	for i := range limits.Spec.Limits {
		if item := &limits.Spec.Limits[i]; item.Type == corev1.LimitTypeContainer {
			maps.Copy(requests, item.DefaultRequest)
			maps.Copy(maximum, item.Default)
		}
	}
	var notes []string
	for i := range pod.Spec.Containers {
		notes = append(notes, defaultContainer(&pod.Spec.Containers[i], "container", requests, maximum)...)
	}
	for i := range pod.Spec.InitContainers {
		notes = append(notes, defaultContainer(&pod.Spec.InitContainers[i], "init container", requests, maximum)...)
	}
	if len(notes) == 0 {
		return
	}
	annotations := maps.Clone(pod.Annotations)
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[limitRangerAnnotation] = "LimitRanger plugin set: " + strings.Join(notes, "; ")
	pod.Annotations = annotations
}

func defaultContainer(c *corev1.Container, what string, requests, limits corev1.ResourceList) []string {
	var notes []string
	// A template may share the lists, so they are copied.
	list, set := fillIn(c.Resources.Requests, requests)
	if c.Resources.Requests = list; len(set) > 0 {
		notes = append(notes, fmt.Sprintf("%s request for %s %s", strings.Join(set, ", "), what, c.Name))
	}
	list, set = fillIn(c.Resources.Limits, limits)
	if c.Resources.Limits = list; len(set) > 0 {
		notes = append(notes, fmt.Sprintf("%s limit for %s %s", strings.Join(set, ", "), what, c.Name))
	}
	return notes
}

// fillIn adds to a list what it does not have, and says what that was.
func fillIn(list, defaults corev1.ResourceList) (filled corev1.ResourceList, set []string) {
	for name := range defaults {
		if _, ok := list[name]; !ok {
			set = append(set, string(name))
		}
	}
	if len(set) == 0 {
		return list, nil
	}
	slices.Sort(set)
	filled = make(corev1.ResourceList, len(list)+len(set))
	maps.Copy(filled, list)
	for _, name := range set {
		filled[corev1.ResourceName(name)] = defaults[corev1.ResourceName(name)].DeepCopy()
	}
	return filled, set
}
