package controllers

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// goodNamespaceConditions are the conditions of a deletion that meets no
// obstacle, in the order in which they are written.
//
// Upstream: pkg/controller/namespace/deletion (updateConditions), where discovery and the parsing of group versions can fail; here the list of resources is given, so these two conditions never become True.
func goodNamespaceConditions() []corev1.NamespaceCondition {
	return []corev1.NamespaceCondition{
		notTrue(corev1.NamespaceDeletionDiscoveryFailure, "ResourcesDiscovered", "All resources successfully discovered"),
		notTrue(corev1.NamespaceDeletionGVParsingFailure, "ParsedGroupVersions", "All legacy kube types successfully parsed"),
		notTrue(corev1.NamespaceDeletionContentFailure, "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
		notTrue(corev1.NamespaceContentRemaining, "ContentRemoved", "All content successfully removed"),
		notTrue(corev1.NamespaceFinalizersRemaining, "ContentHasNoFinalizers", "All content-preserving finalizers finished"),
	}
}

func notTrue(t corev1.NamespaceConditionType, reason, message string) corev1.NamespaceCondition {
	return corev1.NamespaceCondition{Type: t, Status: corev1.ConditionFalse, Reason: reason, Message: message}
}

// conditions describes what remains, where grace is how long the Pods still
// have.
//
// Upstream: pkg/controller/namespace/deletion (deleteAllContent), which calls the content removed as long as only Pods remain (kubernetes/kubernetes issue 138208); here they are counted.
func (r remaining) conditions(namespace string, grace time.Duration) []corev1.NamespaceCondition {
	conditions := goodNamespaceConditions()
	set := func(t corev1.NamespaceConditionType, reason, message string) {
		i := slices.IndexFunc(conditions, func(c corev1.NamespaceCondition) bool { return c.Type == t })
		conditions[i] = corev1.NamespaceCondition{Type: t, Status: corev1.ConditionTrue, Reason: reason, Message: message}
	}
	if stuck := r.unexplained(namespace, grace); len(stuck) > 0 {
		set(corev1.NamespaceDeletionContentFailure, "ContentDeletionFailed",
			fmt.Sprintf("Failed to delete all resource types, %d remaining: %s", len(stuck), strings.Join(stuck, ", ")))
	}
	if len(r.counts) > 0 {
		set(corev1.NamespaceContentRemaining, "SomeResourcesRemain",
			"Some resources are remaining: "+strings.Join(r.describeCounts(), ", "))
	}
	if len(r.finalizers) > 0 {
		set(corev1.NamespaceFinalizersRemaining, "SomeFinalizersRemain",
			"Some content in the namespace has finalizers remaining: "+strings.Join(r.describeFinalizers(), ", "))
	}
	return conditions
}

func (r remaining) describeCounts() []string {
	var lines []string
	for _, c := range r.counts {
		lines = append(lines, fmt.Sprintf("%s.%s has %d resource instances", c.resource.Resource, c.resource.Group, c.count))
	}
	slices.Sort(lines)
	return lines
}

func (r remaining) describeFinalizers() []string {
	var lines []string
	for _, finalizer := range slices.Sorted(maps.Keys(r.finalizers)) {
		lines = append(lines, fmt.Sprintf("%s in %d resource instances", finalizer, r.finalizers[finalizer]))
	}
	return lines
}

// unexplained names the resources of which something is left although no
// finalizer holds it and no grace period is running.
func (r remaining) unexplained(namespace string, grace time.Duration) []string {
	var lines []string
	for _, c := range r.counts {
		waitsForPods := grace > 0 && c.resource.Group == "" && c.resource.Resource == "pods"
		if !c.finalizers && !waitsForPods {
			lines = append(lines, fmt.Sprintf("unexpected items still remain in namespace: %s for gvr: %v", namespace, c.resource))
		}
	}
	slices.Sort(lines)
	return lines
}

// mergeNamespaceConditions puts the wanted conditions into the present ones. A
// condition keeps its transition time for as long as it keeps its status.
func mergeNamespaceConditions(present, want []corev1.NamespaceCondition, now metav1.Time) []corev1.NamespaceCondition {
	merged := slices.Clone(present)
	for _, c := range want {
		c.LastTransitionTime = now
		i := slices.IndexFunc(merged, func(m corev1.NamespaceCondition) bool { return m.Type == c.Type })
		if i < 0 {
			merged = append(merged, c)
			continue
		}
		if merged[i].Status == c.Status {
			c.LastTransitionTime = merged[i].LastTransitionTime
		}
		merged[i] = c
	}
	return merged
}
