package scheduler

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// Explanation is the table behind one scheduling decision: what every filter
// said of every node, and how every feasible node scored.
type Explanation struct {
	Pod reconcile.Key
	// Node is the node chosen, empty if there is none.
	Node string
	// Why is the reason given with the Bind, or, without a node, the text of
	// the FailedScheduling event.
	Why string
	// Filters and Scores name the plugins, in the order of each node's answers.
	Filters []string
	Scores  []string
	// Nodes are in order of name.
	Nodes []NodeExplanation
}

// NodeExplanation is one row of the table.
type NodeExplanation struct {
	Name string
	// Verdicts has one answer for each of the filters. The scheduler stops at
	// the first refusal; the table goes on.
	Verdicts []Verdict
	// Feasible means that all filters passed. Scored is false for a feasible
	// node if the search had ended before it was reached.
	Feasible, Scored bool
	// Scores has one entry for each score plugin, if the node was scored.
	Scores []PluginScore
	// Total is the sum of the weighted scores.
	Total int64
}

// Verdict is what one filter says of one node.
type Verdict struct {
	Plugin string
	OK     bool
	// Skipped means that the rule has nothing to check for this pod.
	Skipped bool
	// Reason says why not, if not OK.
	Reason string
}

// PluginScore is what one plugin gives one node.
type PluginScore struct {
	Plugin string
	// Skipped means that the rule has nothing to prefer for this pod.
	Skipped bool
	// Raw is the plugin's own measure, Normalized the same between 0 and
	// MaxNodeScore, Weight how often it counts.
	Raw, Normalized, Weight int64
}

// Weighted is what the plugin adds to the node's total.
func (s PluginScore) Weighted() int64 { return s.Normalized * s.Weight }

// Explain works out the decision for one pod under the default profile, as if
// it were next in the queue. For a pod that is bound already, pass a view from
// just before its binding: there the pod is still waiting and earlier pods of
// the same turn have taken their room. A pod that the view does not have is
// judged as given.
func Explain(v reconcile.View, pod *corev1.Pod) Explanation {
	return DefaultProfile().Explain(v, pod)
}

// Explain is the same for any profile.
func (p Profile) Explain(v reconcile.View, pod *corev1.Pod) Explanation {
	if inView, ok := reconcile.Pods.Get(v, reconcile.KeyOf(pod)); ok && inView.UID == pod.UID {
		pod = inView
	}
	phases := p.phases()
	info := newPodInfo(pod)
	snap := newSnapshot(reconcile.Nodes.List(v), reconcile.Pods.List(v), pod.UID)
	filtering := phases.preFilter(info, snap)

	e := Explanation{Pod: reconcile.KeyOf(pod)}
	for _, f := range phases.filters {
		e.Filters = append(e.Filters, f.Name())
	}
	for _, s := range phases.scorers {
		e.Scores = append(e.Scores, s.Name())
	}
	for _, n := range snap.Nodes {
		e.Nodes = append(e.Nodes, filtering.explain(e.Filters, n))
	}
	turn := cycle{phases: phases, snap: snap, scoring: newScoring(phases.scorers)}
	host, why, failed := turn.schedulePod(info)
	if failed != nil {
		e.Why = failed.message
		return e
	}
	e.Node, e.Why = host.Node.Name, why
	e.addScores(turn.scoring, info, snap, turn.buffer)
	return e
}

// explain asks every filter about the node.
func (f *filtering) explain(plugins []string, n *NodeInfo) NodeExplanation {
	row := NodeExplanation{Name: n.Node.Name, Feasible: f.reject == nil}
	for i, plugin := range plugins {
		verdict := Verdict{Plugin: plugin, OK: true}
		switch {
		case f.reject != nil && i == f.rejectedBy:
			verdict.OK, verdict.Reason = false, f.reject.text()
		case f.filters[i] == nil:
			verdict.Skipped = true
		default:
			if status := f.filters[i](n); status != nil {
				verdict.OK, verdict.Reason = false, status.text()
			}
		}
		row.Feasible = row.Feasible && verdict.OK
		row.Verdicts = append(row.Verdicts, verdict)
	}
	return row
}

// addScores scores the nodes once more, this time keeping the raw scores; also
// if there is only one, which the scheduler would not trouble to score.
func (e *Explanation) addScores(s *scoring, pod *PodInfo, snap *Snapshot, feasible []*NodeInfo) {
	if err := s.run(pod, snap, feasible, true); err != nil {
		return // only one feasible node, and terms that cannot be parsed
	}
	for i, n := range feasible {
		row := &e.Nodes[n.index]
		row.Scored, row.Total = true, s.total[i]
		for p, plugin := range s.plugins {
			score := PluginScore{Plugin: plugin.Name(), Skipped: !s.scored[p], Weight: plugin.weight}
			if !score.Skipped {
				score.Raw, score.Normalized = s.raw[p][i], s.scores[p][i]
			}
			row.Scores = append(row.Scores, score)
		}
	}
}

// Row is the row of a node, and whether it is in the table.
func (e Explanation) Row(node string) (NodeExplanation, bool) {
	at := slices.IndexFunc(e.Nodes, func(n NodeExplanation) bool { return n.Name == node })
	if at < 0 {
		return NodeExplanation{}, false
	}
	return e.Nodes[at], true
}
