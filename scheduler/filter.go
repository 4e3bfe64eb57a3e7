package scheduler

import (
	"fmt"
	"hash/fnv"

	"k8s.io/apimachinery/pkg/util/sets"
)

// How many feasible nodes are enough, in large clusters.
const (
	minFeasibleNodesToFind           = 100
	minFeasibleNodesPercentageToFind = 5
)

// filtering is the Filter phase for one pod: what PreFilter found out.
type filtering struct {
	// filters has one entry for each FilterPlugin, nil if it is skipped.
	filters []Filter
	// only, unless nil, are the names of the nodes worth looking at, and
	// onlyBecause what the message says of the others.
	only        sets.Set[string]
	onlyBecause string
	// reject, unless nil, ends the phase before any node is looked at;
	// rejectedBy is the index of the plugin that gave it.
	reject     *Status
	rejectedBy int
}

func (p *phases) preFilter(pod *PodInfo, snap *Snapshot) filtering {
	f := filtering{filters: make([]Filter, len(p.filters))}
	var narrowing []string
	for i, plugin := range p.filters {
		result := plugin.PreFilter(pod, snap)
		if result.Reject != nil {
			f.reject, f.rejectedBy = result.Reject, i
			return f
		}
		f.filters[i] = result.Filter
		if result.NodeNames == nil {
			continue
		}
		narrowing = append(narrowing, plugin.Name())
		if f.only == nil {
			f.only = result.NodeNames
		} else {
			f.only = f.only.Intersection(result.NodeNames)
		}
		f.onlyBecause = fmt.Sprintf("node(s) didn't satisfy plugin(s) %v", sets.List(sets.New(narrowing...)))
		if f.only.Len() == 0 {
			f.reject, f.rejectedBy = unresolvable(f.onlyBecause+" simultaneously"), i
			return f
		}
	}
	return f
}

// run asks the filters about one node and returns the first refusal.
func (f *filtering) run(n *NodeInfo) *Status {
	for _, filter := range f.filters {
		if filter == nil {
			continue
		}
		if status := filter(n); status != nil {
			return status
		}
	}
	return nil
}

// findFeasible looks at nodes until enough of them pass the filters, and
// counts why the others do not.
func (f *filtering) findFeasible(pod *PodInfo, snap *Snapshot, feasible []*NodeInfo) ([]*NodeInfo, diagnosis) {
	refused := diagnosis{nodes: len(snap.Nodes)}
	if f.reject != nil {
		refused.preFilter = f.reject
		return feasible, refused
	}
	nodes := snap.Nodes
	if f.only != nil {
		nodes = make([]*NodeInfo, 0, f.only.Len())
		for _, n := range snap.Nodes {
			if f.only.Has(n.Node.Name) {
				nodes = append(nodes, n)
			}
		}
		refused.add(unresolvable(f.onlyBecause), len(snap.Nodes)-len(nodes))
	}
	enough := numFeasibleNodesToFind(len(nodes))
	start := startNode(pod, len(nodes), enough)
	for i := range nodes {
		n := nodes[(start+i)%len(nodes)]
		if status := f.run(n); status != nil {
			refused.add(status, 1)
			continue
		}
		if feasible = append(feasible, n); len(feasible) == enough {
			break
		}
	}
	return feasible, refused
}

// numFeasibleNodesToFind is how many feasible nodes are enough: all in a small
// cluster, half at 100 nodes, and a falling share down to 5 %, but never less
// than 100.
func numFeasibleNodesToFind(nodes int) int {
	if nodes < minFeasibleNodesToFind {
		return nodes
	}
	percentage := max(50-nodes/125, minFeasibleNodesPercentageToFind)
	return max(nodes*percentage/100, minFeasibleNodesToFind)
}

// startNode is where the search begins, so that in a large cluster not only
// the first nodes are ever looked at.
//
// Upstream: pkg/scheduler (findNodesThatPassFilters) goes on where the search for the previous pod ended, here the pod's UID says where to begin, so that a decision does not depend on earlier ones.
func startNode(pod *PodInfo, nodes, enough int) int {
	if enough >= nodes {
		return 0
	}
	hash := fnv.New32a()
	hash.Write([]byte(pod.Pod.UID))
	return int(hash.Sum32() % uint32(nodes))
}
