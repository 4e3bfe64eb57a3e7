package scheduler

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile"
)

func TestExplainTable(t *testing.T) {
	small, cordoned, tainted, free := aNode("node-1", "1", "1Gi"), aNode("node-2", "1", "8Gi"), aNode("node-3", "4", "8Gi"), aNode("node-4", "4", "8Gi")
	cordoned.Spec.Unschedulable = true
	tainted.Spec.Taints = []corev1.Taint{{Key: "old", Effect: corev1.TaintEffectPreferNoSchedule}}
	pod := aPod("web-1", "2", "2Gi")
	pod.Spec.Affinity = preferring("zone", "a")
	tainted.Labels = map[string]string{"zone": "a"}
	v := viewOf(t, []*corev1.Node{small, cordoned, tainted, free}, []*corev1.Pod{pod})

	require.Equal(t, `
Pod default/web-1 goes to node-4: best of 2 feasible nodes: score 430 (TaintToleration 300, NodeResourcesFit 62, NodeResourcesBalancedAllocation 68).

Filter: where can it run?
NODE    NodeUnschedulable  TaintToleration  NodeResourcesFit  RESULT
node-1  ok                 ok               no                Insufficient cpu, Insufficient memory
node-2  no                 ok               no                node(s) were unschedulable; Insufficient cpu
node-3  ok                 ok               ok                feasible
node-4  ok                 ok               ok                feasible
Nothing to do for this pod: NodeName, NodeAffinity, NodePorts.

Score: where is it best? (each rule gives 0 to 100, times its weight)
NODE    TaintToleration       NodeAffinity           NodeResourcesFit  NodeResourcesBalancedAllocation  ImageLocality  TOTAL
node-3  raw 1: 3 x 0 = 0      raw 10: 2 x 100 = 200  62                68                               0              330
node-4  raw 0: 3 x 100 = 300  2 x 0 = 0              62                68                               0              430  <- chosen
`, tableOf(t, Explain(v, pod)))
}

func TestExplainOfOneFeasibleNode(t *testing.T) {
	pod := aPod("web-1", "", "")
	e := Explain(viewOf(t, []*corev1.Node{aNode("node-1", "4", "8Gi")}, []*corev1.Pod{pod}), pod)
	require.Equal(t, "node-1", e.Node)
	require.Equal(t, "the only node", e.Why)
	row, ok := e.Row("node-1")
	require.True(t, ok)
	require.True(t, row.Scored, "a learner with one node wants to see scores too")
	require.EqualValues(t, 397, row.Total)
}

func TestExplainOfNoFeasibleNode(t *testing.T) {
	pod := aPod("web-1", "", "")
	pod.Spec.NodeSelector = map[string]string{"disk": "ssd"}
	v := viewOf(t, []*corev1.Node{aNode("node-1", "4", "8Gi")}, []*corev1.Pod{pod})
	require.Equal(t, `
Pod default/web-1 fits on no node.
0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.

Filter: where can it run?
NODE    NodeUnschedulable  TaintToleration  NodeAffinity  NodeResourcesFit  RESULT
node-1  ok                 ok               no            ok                node(s) didn't match Pod's node affinity/selector
Nothing to do for this pod: NodeName, NodePorts.
`, tableOf(t, Explain(v, pod)))
}

func TestExplainWithoutNodes(t *testing.T) {
	pod := aPod("web-1", "", "")
	require.Equal(t, `
Pod default/web-1 fits on no node.
no nodes available to schedule pods
`, tableOf(t, Explain(viewOf(t, nil, []*corev1.Pod{pod}), pod)))
}

// A pod that is bound in the view is judged without the room that it takes
// itself, and can only be where it is.
func TestExplainOfBoundPod(t *testing.T) {
	pod := bound(aPod("web-1", "4", "8Gi"), "node-1")
	nodes := []*corev1.Node{aNode("node-1", "4", "8Gi"), aNode("node-2", "4", "8Gi")}
	e := Explain(viewOf(t, nodes, []*corev1.Pod{pod}), pod)
	require.Equal(t, "node-1", e.Node)
	require.Equal(t, "node(s) didn't match the requested node name", e.Nodes[1].Verdicts[0].Reason)
}

// The caller holds the pod as it is now; the view is older and decides.
func TestExplainPrefersThePodInView(t *testing.T) {
	waitingThen := aPod("web-1", "1", "1Gi")
	boundNow := bound(waitingThen.DeepCopy(), "node-2")
	nodes := []*corev1.Node{aNode("node-1", "4", "8Gi"), aNode("node-2", "4", "8Gi")}
	e := Explain(viewOf(t, nodes, []*corev1.Pod{waitingThen}), boundNow)
	require.Equal(t, "node-1", e.Node)
	require.True(t, e.Nodes[0].Verdicts[0].Skipped, "NodeName")
}

func TestExplainOfUnknownNode(t *testing.T) {
	pod := bound(aPod("web-1", "1", "1Gi"), "node-9")
	e := Explain(viewOf(t, []*corev1.Node{aNode("node-1", "4", "8Gi")}, nil), pod)
	require.Empty(t, e.Node)
	require.Equal(t, "0/1 nodes are available: 1 node(s) didn't satisfy plugin(s) [NodeName]. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.", e.Why)
}

// Terms that name no common node are refused before any node is looked at.
func TestExplainOfConflict(t *testing.T) {
	pod := aPod("web-1", "", "")
	pod.Spec.Affinity = onNodes("node-1", "node-2")
	e := Explain(viewOf(t, []*corev1.Node{aNode("node-1", "4", "8Gi")}, nil), pod)
	require.Contains(t, tableOf(t, e), "node-1  ok                 ok               no            pod affinity terms conflict")
	require.Contains(t, e.Why, "0/1 nodes are available: pod affinity terms conflict. preemption:")
}

// The same pod on the same view: the turn and the explanation agree, also
// where not all nodes are looked at.
func TestExplainAgreesWithTheTurn(t *testing.T) {
	for _, nodes := range []int{1, 3, 99, 100, 300} {
		for _, name := range []string{"web-1", "web-2", "web-3"} {
			pod := aPod(name, "1", "1Gi")
			v := viewOf(t, manyNodes(nodes), []*corev1.Pod{pod})
			plan, e := turn(t, DefaultProfile(), v), Explain(v, pod)
			require.Equal(t, reconcile.Bind, plan.Calls[0].Verb)
			require.Equal(t, plan.Calls[0].Node, e.Node)
			require.Equal(t, plan.Calls[0].Why, e.Why)
		}
	}
}

func TestExplainOfLargeCluster(t *testing.T) {
	pod := aPod("web-1", "1", "1Gi")
	e := Explain(viewOf(t, manyNodes(300), []*corev1.Pod{pod}), pod)
	scored := 0
	for _, n := range e.Nodes {
		require.True(t, n.Feasible)
		if n.Scored {
			scored++
		}
	}
	require.Equal(t, 144, scored, "48 % of 300 nodes")
	require.Contains(t, tableOf(t, e), "feasible, but the search had found enough nodes before")
}

func TestWriteTableReportsTheWriter(t *testing.T) {
	err := Explanation{Pod: reconcile.Key{Namespace: "default", Name: "web-1"}}.WriteTable(full{})
	require.ErrorIs(t, err, errFull)
	require.ErrorContains(t, err, "table of pod default/web-1")
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func tableOf(t *testing.T, e Explanation) string {
	t.Helper()
	var text strings.Builder
	require.NoError(t, e.WriteTable(&text))
	return "\n" + text.String()
}

// onNodes requires the pod to be on all of the nodes at once.
func onNodes(names ...string) *corev1.Affinity {
	var term corev1.NodeSelectorTerm
	for _, name := range names {
		term.MatchFields = append(term.MatchFields, corev1.NodeSelectorRequirement{
			Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{name},
		})
	}
	return &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
		RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{term}},
	}}
}
