package scheduler

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestDecisions(t *testing.T) { decisiontest.Run(t, "testdata/default", New()) }

func TestMostAllocated(t *testing.T) {
	decisiontest.Run(t, "testdata/mostallocated", mostAllocatedProfile().Component())
}

// mostAllocatedProfile packs nodes: what a cluster uses that pays by the node.
func mostAllocatedProfile() Profile {
	p := DefaultProfile()
	for i := range p {
		if _, ok := p[i].Plugin.(NodeResourcesFit); ok {
			p[i].Plugin = NodeResourcesFit{Strategy: MostAllocated}
		}
	}
	return p
}

func TestComponent(t *testing.T) {
	c := New()
	require.Equal(t, "default-scheduler", c.Name)
	require.Equal(t, "system:kube-scheduler", c.User)
	require.Equal(t, []reconcile.Key{reconcile.Single}, c.Starts(""))
}

// A Deployment's replicas end up evenly, with and without requests, and every
// pod is bound once.
func TestReplicasSpread(t *testing.T) {
	for _, cpu := range []string{"", "100m"} {
		pods := make([]*corev1.Pod, 0, 1000)
		for _, p := range manyPods(1000, nowhere) {
			if cpu == "" {
				p.Spec.Containers[0].Resources.Requests = nil
			}
			pods = append(pods, p)
		}
		plan := turn(t, DefaultProfile(), viewOf(t, manyNodes(50), pods))
		perNode, seen := map[string]int{}, map[string]bool{}
		for _, c := range plan.Calls {
			if c.Verb == reconcile.Bind {
				perNode[c.Node]++
				require.False(t, seen[c.Object.GetName()])
				seen[c.Object.GetName()] = true
			}
		}
		require.Len(t, seen, 1000)
		for node, n := range perNode {
			require.Equal(t, 20, n, node)
		}
	}
}

// However the queue and the nodes are made, no node is given away twice.
func TestNoNodeIsOvercommitted(t *testing.T) {
	nodes := []*corev1.Node{aNode("node-1", "3", "5Gi"), aNode("node-2", "2", "9Gi"), aNode("node-3", "5", "2Gi")}
	var pods []*corev1.Pod
	for i := range 40 {
		cpu, memory := []string{"250m", "500m", "1"}[i%3], []string{"100Mi", "1Gi"}[i%2]
		pods = append(pods, aPod("web-"+string(rune('a'+i/26))+string(rune('a'+i%26)), cpu, memory))
	}
	plan := turn(t, DefaultProfile(), viewOf(t, nodes, pods))
	var after []*corev1.Pod
	for _, c := range plan.Calls {
		if c.Verb == reconcile.Bind {
			after = append(after, bound(c.Object.(*corev1.Pod).DeepCopy(), c.Node))
		}
	}
	require.NotEmpty(t, after)
	require.Less(t, len(after), len(pods))
	for _, n := range newSnapshot(nodes, after, "").Nodes {
		require.LessOrEqual(t, n.Requested.MilliCPU, n.Allocatable.MilliCPU, n.Node.Name)
		require.LessOrEqual(t, n.Requested.Memory, n.Allocatable.Memory, n.Node.Name)
	}
}

// The same view twice gives the same plan, and what was read is unchanged.
func TestTurnIsPure(t *testing.T) {
	nodes, pods := manyNodes(300), manyPods(20, nowhere)
	pods = append(pods, aPod("too-big", "100", "1Gi"))
	before := pods[20].DeepCopy()
	v := viewOf(t, nodes, pods)
	first, second := turn(t, DefaultProfile(), v), turn(t, DefaultProfile(), v)
	require.Equal(t, first, second)
	require.Equal(t, before, pods[20])
}

func TestNumFeasibleNodesToFind(t *testing.T) {
	for nodes, want := range map[int]int{0: 0, 1: 1, 99: 99, 100: 100, 200: 100, 300: 144, 1000: 420, 6000: 300} {
		require.Equal(t, want, numFeasibleNodesToFind(nodes), "%d nodes", nodes)
	}
}

// In a large cluster different pods look at different nodes.
func TestSearchStartsElsewhereForEachPod(t *testing.T) {
	chosen := map[string]bool{}
	for _, pod := range manyPods(50, nowhere) {
		v := viewOf(t, manyNodes(300), []*corev1.Pod{pod})
		chosen[turn(t, DefaultProfile(), v).Calls[0].Node] = true
	}
	require.Greater(t, len(chosen), 10)
}

func TestEventIsTruncatedConditionIsNot(t *testing.T) {
	pod := aPod("web", "", "")
	long := strings.Repeat("x", 2000)
	var plan reconcile.Plan
	failure{pod: pod, reason: corev1.PodReasonUnschedulable, message: long}.report(&plan, epoch)
	require.Len(t, plan.Calls, 2)
	require.Len(t, plan.Calls[0].Message, 1024)
	require.True(t, strings.HasSuffix(plan.Calls[0].Message, "x ..."))
	require.Equal(t, long, plan.Calls[1].Object.(*corev1.Pod).Status.Conditions[0].Message)
}
