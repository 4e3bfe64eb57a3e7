package scheduler

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"
)

// NodeAffinity refuses nodes that do not match the pod's nodeSelector and
// required node affinity, and prefers those that match its preferred terms.
//
// Upstream: pkg/scheduler/framework/plugins/nodeaffinity, without the addedAffinity that a scheduler's configuration may set.
type NodeAffinity struct{}

// Name is upstream's name of the plugin.
func (NodeAffinity) Name() string { return "NodeAffinity" }

// PreFilter skips pods that ask for nothing, and narrows the search for pods
// whose every term names nodes, as a DaemonSet's pods do.
func (NodeAffinity) PreFilter(pod *PodInfo, _ *Snapshot) PreFilterResult {
	required := requiredTerms(pod.Pod)
	if required == nil && len(pod.Pod.Spec.NodeSelector) == 0 {
		return PreFilterResult{}
	}
	names := namedNodes(required)
	if names != nil && names.Len() == 0 {
		return PreFilterResult{Reject: unresolvable("pod affinity terms conflict")}
	}
	affinity := nodeaffinity.GetRequiredNodeAffinity(pod.Pod)
	mismatch := unresolvable("node(s) didn't match Pod's node affinity/selector")
	return PreFilterResult{
		NodeNames: names,
		Filter: func(n *NodeInfo) *Status {
			// A term that cannot be parsed matches no node. The error is
			// dropped as upstream drops it: validation has let the pod pass.
			if match, _ := affinity.Match(n.Node); !match {
				return mismatch
			}
			return nil
		},
	}
}

// PreScore sums the weights of the preferred terms that a node matches.
func (NodeAffinity) PreScore(pod *PodInfo, _ *Snapshot, _ []*NodeInfo) (Score, error) {
	affinity := pod.Pod.Spec.Affinity
	if affinity == nil || affinity.NodeAffinity == nil {
		return nil, nil
	}
	terms := affinity.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution
	if terms == nil {
		return nil, nil
	}
	preferred, err := nodeaffinity.NewPreferredSchedulingTerms(terms)
	if err != nil {
		return nil, err
	}
	return func(n *NodeInfo) int64 { return preferred.Score(n.Node) }, nil
}

// NormalizeScore gives MaxNodeScore to the node that matches the most weight.
func (NodeAffinity) NormalizeScore(scores []int64) { normalize(scores, false) }

func requiredTerms(pod *corev1.Pod) *corev1.NodeSelector {
	affinity := pod.Spec.Affinity
	if affinity == nil || affinity.NodeAffinity == nil {
		return nil
	}
	return affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
}

// namedNodes is the union over all terms of the nodes that each names by its
// metadata.name, or nil if some term names none.
func namedNodes(required *corev1.NodeSelector) sets.Set[string] {
	if required == nil || len(required.NodeSelectorTerms) == 0 {
		return nil
	}
	union := sets.New[string]()
	for _, term := range required.NodeSelectorTerms {
		var named sets.Set[string]
		for _, field := range term.MatchFields {
			if field.Key != metav1.ObjectNameField || field.Operator != corev1.NodeSelectorOpIn {
				continue
			}
			if values := sets.New(field.Values...); named == nil {
				named = values
			} else {
				named = named.Intersection(values)
			}
		}
		if named == nil {
			return nil
		}
		union = union.Union(named)
	}
	return union
}
