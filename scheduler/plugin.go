package scheduler

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/sets"
)

// Plugin is one scheduling rule: a FilterPlugin, a ScorePlugin or both.
type Plugin interface {
	Name() string
}

// FilterPlugin rules out nodes that a pod cannot run on.
type FilterPlugin interface {
	Plugin
	// PreFilter looks at the pod once and returns how to look at each node.
	// Upstream passes what it found to Filter in a CycleState; here the
	// returned Filter closes over it.
	PreFilter(*PodInfo, *Snapshot) PreFilterResult
}

// PreFilterResult is what a FilterPlugin wants done for one pod.
type PreFilterResult struct {
	// Filter is nil if the rule has nothing to check for this pod, which
	// upstream calls Skip.
	Filter Filter
	// NodeNames, unless nil, are the only nodes worth looking at.
	NodeNames sets.Set[string]
	// Reject, unless nil, says that no node will do, whatever it looks like.
	Reject *Status
}

// Filter says whether the pod can run on a node: nil if it can.
type Filter func(*NodeInfo) *Status

// Status is a Filter's refusal.
type Status struct {
	// Reasons are counted over all nodes in the FailedScheduling message.
	Reasons []string
	// Unresolvable means that evicting pods from the node would not help
	// (upstream's UnschedulableAndUnresolvable).
	Unresolvable bool
}

func (s *Status) text() string { return strings.Join(s.Reasons, ", ") }

// ScorePlugin ranks the nodes that passed every filter.
type ScorePlugin interface {
	Plugin
	// PreScore looks once at the pod and the feasible nodes and returns how
	// to score each. A nil Score skips the rule: it adds nothing.
	PreScore(*PodInfo, *Snapshot, []*NodeInfo) (Score, error)
}

// Score rates a node, higher being better. Unless the plugin is a
// ScoreNormalizer too, the rate is between 0 and MaxNodeScore.
type Score func(*NodeInfo) int64

// ScoreNormalizer is a ScorePlugin whose raw scores must be brought into the
// range from 0 to MaxNodeScore once all are known.
type ScoreNormalizer interface {
	NormalizeScore(scores []int64)
}

// MaxNodeScore is the best score a plugin can give, before its weight.
const MaxNodeScore int64 = 100

// Profile is the plugins that a scheduler runs, in order. Filters of one node
// stop at the first refusal, so the order shows in messages.
type Profile []Enabled

// Enabled is a plugin and how much its score counts.
type Enabled struct {
	Plugin Plugin
	Weight int64
}

// DefaultProfile lists the plugins with upstream's order and weights
// (pkg/scheduler/apis/config/v1/default_plugins.go). To add a rule, write its
// file and add its line.
//
// Upstream: pkg/scheduler/apis/config/v1 (getDefaultPlugins) also enables PodTopologySpread (weight 2), InterPodAffinity (weight 2), DynamicResources, NodeDeclaredFeatures, DefaultPreemption and the volume plugins, which are not here yet: affinity between pods and spread constraints are ignored.
func DefaultProfile() Profile {
	return Profile{
		{Plugin: NodeName{}},
		{Plugin: NodeUnschedulable{}},
		{Plugin: TaintToleration{}, Weight: 3},
		{Plugin: NodeAffinity{}, Weight: 2},
		{Plugin: NodePorts{}},
		{Plugin: NodeResourcesFit{Strategy: LeastAllocated}, Weight: 1},
		{Plugin: NodeResourcesBalancedAllocation{}, Weight: 1},
		{Plugin: ImageLocality{}, Weight: 1},
	}
}

// normalize stretches raw scores to the range from 0 to MaxNodeScore; reverse
// turns them round for rules that count what is bad.
func normalize(scores []int64, reverse bool) {
	var highest int64
	for _, s := range scores {
		highest = max(highest, s)
	}
	for i, s := range scores {
		if highest > 0 {
			s = MaxNodeScore * s / highest
		}
		if reverse {
			s = MaxNodeScore - s
		}
		scores[i] = s
	}
}
