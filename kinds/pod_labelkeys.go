package kinds

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/apis/core"
)

// applyLabelKeys writes the pod's own values of matchLabelKeys and
// mismatchLabelKeys into the selectors beside them, so that the scheduler
// only ever looks at selectors. A missing selector matches nothing and stays
// missing.
func applyLabelKeys(p *core.Pod) {
	if affinity := p.Spec.Affinity; affinity != nil {
		if a := affinity.PodAffinity; a != nil {
			applyToTerms(a.RequiredDuringSchedulingIgnoredDuringExecution, a.PreferredDuringSchedulingIgnoredDuringExecution, p.Labels)
		}
		if a := affinity.PodAntiAffinity; a != nil {
			applyToTerms(a.RequiredDuringSchedulingIgnoredDuringExecution, a.PreferredDuringSchedulingIgnoredDuringExecution, p.Labels)
		}
	}
	for i := range p.Spec.TopologySpreadConstraints {
		constraint := &p.Spec.TopologySpreadConstraints[i]
		addRequirements(constraint.LabelSelector, constraint.MatchLabelKeys, metav1.LabelSelectorOpIn, p.Labels)
	}
}

func applyToTerms(required []core.PodAffinityTerm, preferred []core.WeightedPodAffinityTerm, labels map[string]string) {
	apply := func(term *core.PodAffinityTerm) {
		addRequirements(term.LabelSelector, term.MatchLabelKeys, metav1.LabelSelectorOpIn, labels)
		addRequirements(term.LabelSelector, term.MismatchLabelKeys, metav1.LabelSelectorOpNotIn, labels)
	}
	for i := range preferred {
		apply(&preferred[i].PodAffinityTerm)
	}
	for i := range required {
		apply(&required[i])
	}
}

// addRequirements adds a requirement for each of the keys that the pod has a label for.
func addRequirements(selector *metav1.LabelSelector, keys []string, operator metav1.LabelSelectorOperator, labels map[string]string) {
	if selector == nil {
		return
	}
	for _, key := range keys {
		if value, ok := labels[key]; ok {
			selector.MatchExpressions = append(selector.MatchExpressions, metav1.LabelSelectorRequirement{
				Key: key, Operator: operator, Values: []string{value},
			})
		}
	}
}
