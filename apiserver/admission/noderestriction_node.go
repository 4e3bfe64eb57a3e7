package admission

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	kubeletapis "k8s.io/kubelet/pkg/apis"
)

// restrictNode lets a kubelet write its own Node, but for what steers Pods to
// it: taints, and labels that only others may set.
func (a *Attributes) restrictNode(name string) error {
	if a.Name != name {
		return a.refuse("node %q is not allowed to modify node %q", name, a.Name)
	}
	switch a.Operation {
	case Create:
		node := a.Object.(*corev1.Node)
		if node.Spec.ConfigSource != nil {
			return a.refuse("node %q is not allowed to create pods with a non-nil configSource", name)
		}
		if forbidden := forbiddenLabels(node.Labels, nil); len(forbidden) > 0 {
			return a.refuse("node %q is not allowed to set the following labels: %s", name, strings.Join(forbidden, ", "))
		}
	case Update:
		return a.restrictNodeUpdate(name, a.Object.(*corev1.Node), a.OldObject.(*corev1.Node))
	}
	return nil
}

func (a *Attributes) restrictNodeUpdate(name string, node, old *corev1.Node) error {
	switch {
	case node.Spec.ConfigSource != nil && !equality.Semantic.DeepEqual(node.Spec.ConfigSource, old.Spec.ConfigSource):
		return a.refuse("node %q is not allowed to update configSource to a new non-nil configSource", name)
	case !same(node.Spec.Taints, old.Spec.Taints):
		return a.refuse("node %q is not allowed to modify taints", name)
	case !same(node.OwnerReferences, old.OwnerReferences):
		return a.refuse("node %q is not allowed to modify ownerReferences", name)
	}
	if forbidden := forbiddenLabels(node.Labels, old.Labels); len(forbidden) > 0 {
		return a.refuse("is not allowed to modify labels: %s", strings.Join(forbidden, ", "))
	}
	return nil
}

// forbiddenLabels are the labels in which a and b differ and that a kubelet may
// not touch, sorted.
func forbiddenLabels(a, b map[string]string) []string {
	var forbidden []string
	differs := func(key string, other map[string]string, value string) {
		if v, ok := other[key]; (!ok || v != value) && isOthersLabel(key) && !slices.Contains(forbidden, key) {
			forbidden = append(forbidden, key)
		}
	}
	for key, value := range a { // any order: what is found is sorted
		differs(key, b, value)
	}
	for key, value := range b { // any order: what is found is sorted
		differs(key, a, value)
	}
	slices.Sort(forbidden)
	return forbidden
}

// isOthersLabel says that a label belongs to those who administer nodes.
func isOthersLabel(key string) bool {
	domain, _, qualified := strings.Cut(key, "/")
	if !qualified {
		return false
	}
	if isWithin(domain, corev1.LabelNamespaceNodeRestriction) {
		return true
	}
	return (isWithin(domain, "kubernetes.io") || isWithin(domain, "k8s.io")) && !kubeletapis.IsKubeletLabel(key)
}

func isWithin(domain, of string) bool { return domain == of || strings.HasSuffix(domain, "."+of) }
