package scheduler

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Snapshot is the room on every node, as one turn's view has it, less what the
// turn itself has given away so far.
type Snapshot struct {
	// Nodes are in order of name.
	//
	// Upstream: pkg/scheduler/backend/cache (nodeTree) interleaves the nodes of different zones, here they are in order of name.
	Nodes []*NodeInfo

	byName map[string]*NodeInfo
	images map[string][]int64 // filled by ImageLocality as images are met
}

// NodeInfo is one node and the sum of what its pods take of it.
type NodeInfo struct {
	Node *corev1.Node
	// Allocatable is what the node offers; AllowedPods how many pods it takes.
	Allocatable Resource
	AllowedPods int64
	// Requested is the sum of its pods' requests. NonZero is the same for cpu
	// and memory, with a minimum for each container that requests none.
	Requested, NonZero Resource
	// Pods counts the pods that are bound to the node and have not ended.
	Pods int64
	// UsedPorts are the host ports that its pods listen on.
	UsedPorts []HostPort

	index int // in Snapshot.Nodes
}

// PodInfo is a pod with what filters and scores need of it worked out once.
type PodInfo struct {
	Pod *corev1.Pod
	// Requests is what the pod takes of its node. NonZero is the cpu and
	// memory it counts as in scores.
	Requests, NonZero Resource
	HostPorts         []HostPort
}

func newPodInfo(pod *corev1.Pod) *PodInfo {
	info := &PodInfo{Pod: pod, HostPorts: hostPorts(pod)}
	info.Requests, info.NonZero = podRequests(pod)
	return info
}

// newSnapshot counts the pods that take room on the nodes, but for the one
// with the UID except, if any.
func newSnapshot(nodes []*corev1.Node, pods []*corev1.Pod, except types.UID) *Snapshot {
	infos := make([]NodeInfo, len(nodes))
	s := &Snapshot{
		Nodes:  make([]*NodeInfo, len(nodes)),
		byName: make(map[string]*NodeInfo, len(nodes)),
		images: map[string][]int64{},
	}
	for i, node := range nodes {
		n := &infos[i]
		n.Node, n.index = node, i
		n.Allocatable.add(node.Status.Allocatable)
		if pods, ok := node.Status.Allocatable[corev1.ResourcePods]; ok {
			n.AllowedPods = pods.Value()
		}
		s.Nodes[i] = n
		s.byName[node.Name] = n
	}
	for _, pod := range pods {
		if !takesRoom(pod) || (except != "" && pod.UID == except) {
			continue
		}
		// A pod may be bound to a node that is gone or not in view yet.
		if n := s.byName[pod.Spec.NodeName]; n != nil {
			requests, nonZero := podRequests(pod)
			n.add(&requests, &nonZero, hostPorts(pod))
		}
	}
	return s
}

// takesRoom says whether the pod is bound and has not ended.
func takesRoom(pod *corev1.Pod) bool {
	return pod.Spec.NodeName != "" && !ended(pod)
}

func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

// assume takes the pod's room from the node for the rest of the turn.
func (n *NodeInfo) assume(pod *PodInfo) { n.add(&pod.Requests, &pod.NonZero, pod.HostPorts) }

func (n *NodeInfo) add(requests, nonZero *Resource, ports []HostPort) {
	n.Pods++
	n.Requested.MilliCPU += requests.MilliCPU
	n.Requested.Memory += requests.Memory
	n.Requested.EphemeralStorage += requests.EphemeralStorage
	for _, s := range requests.Scalars {
		n.Requested.addScalar(s.Name, s.Amount)
	}
	n.NonZero.MilliCPU += nonZero.MilliCPU
	n.NonZero.Memory += nonZero.Memory
	n.UsedPorts = append(n.UsedPorts, ports...)
}
