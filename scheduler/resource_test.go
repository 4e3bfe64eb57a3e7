package scheduler

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// The quick sum for pods with containers only agrees with component-helpers.
func TestPodRequestsAgree(t *testing.T) {
	amounts := []string{"", "0", "1", "1500", "2M", "3Gi"}
	cpus := []string{"", "0", "1", "1500m", "0.1", "1001m"}
	names := []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage, "example.com/b", "example.com/a"}
	for i := range 200 {
		pod := aPod("web", "", "")
		pod.Spec.Containers = make([]corev1.Container, 1+i%3)
		for c := range pod.Spec.Containers {
			list := corev1.ResourceList{}
			for r, name := range names {
				amount := amounts[(i*(r+3)+c*7+i/6)%len(amounts)]
				if name == corev1.ResourceCPU {
					amount = cpus[(i+c)%len(cpus)]
				}
				if amount != "" {
					list[name] = resource.MustParse(amount)
				}
			}
			pod.Spec.Containers[c].Resources.Requests = list
		}
		requested, nonZero := podRequests(pod)
		wantRequested, wantNonZero := layeredRequests(pod)
		require.Equal(t, wantRequested, requested, "%v", pod.Spec.Containers)
		require.Equal(t, wantNonZero.MilliCPU, nonZero.MilliCPU, "%v", pod.Spec.Containers)
		require.Equal(t, wantNonZero.Memory, nonZero.Memory, "%v", pod.Spec.Containers)
	}
}

func TestPodWithoutRequestsCountsInScoresOnly(t *testing.T) {
	requested, nonZero := podRequests(aPod("web", "", ""))
	require.Equal(t, Resource{}, requested)
	require.Equal(t, Resource{MilliCPU: 100, Memory: 200 << 20}, nonZero)

	requested, nonZero = podRequests(aPod("web", "0", "0"))
	require.Equal(t, Resource{}, requested)
	require.Equal(t, Resource{}, nonZero, "zero on purpose stays zero")
}

func TestSnapshotAccounts(t *testing.T) {
	pods := []*corev1.Pod{
		bound(aPod("a", "1", "1Gi"), "node-1"),
		bound(aPod("b", "", ""), "node-1"),
		bound(aPod("ended", "1", "1Gi"), "node-1"),
		bound(aPod("elsewhere", "1", "1Gi"), "node-9"),
		bound(aPod("self", "1", "1Gi"), "node-1"),
	}
	pods[0].Spec.Containers[0].Ports = []corev1.ContainerPort{{ContainerPort: 80, HostPort: 8080}}
	pods[2].Status.Phase = corev1.PodFailed
	snap := newSnapshot([]*corev1.Node{aNode("node-1", "4", "8Gi")}, pods, pods[4].UID)
	n := snap.Nodes[0]
	require.EqualValues(t, 2, n.Pods)
	require.EqualValues(t, 110, n.AllowedPods)
	require.Equal(t, Resource{MilliCPU: 4000, Memory: 8 << 30}, n.Allocatable)
	require.Equal(t, Resource{MilliCPU: 1000, Memory: 1 << 30}, n.Requested)
	require.Equal(t, Resource{MilliCPU: 1100, Memory: 1<<30 + 200<<20}, n.NonZero)
	require.Equal(t, []HostPort{{Protocol: corev1.ProtocolTCP, Port: 8080}}, n.UsedPorts)
}
