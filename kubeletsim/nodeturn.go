package kubeletsim

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// statusPeriod is how often an unchanged node status is reported.
const statusPeriod = 5 * time.Minute

// nodeTurn does what concerns the node as a whole: it notes the images that
// arrived, registers the Node, reports its status and renews its Lease.
func nodeTurn(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	var plan reconcile.Plan
	var alarm alarm
	machine, ok := reconcile.Machines.Get(v, req.Key)
	if !ok {
		return plan, nil
	}
	images := noteImages(v, machine, &plan, &alarm)
	node, ok := reconcile.Nodes.Get(v, req.Key)
	if !ok {
		register(v, machine, images, &plan)
		return plan, nil // the new Node wakes this key again
	}
	reportStatus(v, node, machine, images, &plan, &alarm)
	renewLease(v, node, &plan, &alarm)
	alarm.set(&plan, v.Now())
	return plan, nil
}

// register creates the Node. Its network is not ready yet: that is reported
// once the API has confirmed the Node's pod CIDR.
//
// Upstream: pkg/kubelet (tryRegisterWithAPIServer), without a cloud provider; the pod CIDR comes from the machine, not from the node IPAM controller.
func register(v reconcile.View, machine *nodelocal.Machine, images []corev1.ContainerImage, plan *reconcile.Plan) {
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name:        machine.Name,
			Labels:      nodeLabels(machine),
			Annotations: map[string]string{"volumes.kubernetes.io/controller-managed-attach-detach": "true"},
		},
		Spec: corev1.NodeSpec{Taints: machine.Spec.Taints},
	}
	if cidr := machine.Spec.PodCIDR; cidr != "" {
		node.Spec.PodCIDR, node.Spec.PodCIDRs = cidr, []string{cidr}
	}
	node.Status = nodeStatus(nil, machine, images, v.Now())
	plan.Observe("no Node for this machine")
	plan.Create(node, "register the node")

	// Upstream's kubelet does not know the Node's UID yet either: describe
	// finds events by the name in its place.
	about := node.DeepCopy()
	about.UID = types.UID(node.Name)
	plan.Event(about, corev1.EventTypeNormal, "Starting", "Starting kubelet.")
	for _, reason := range [...]string{"NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID"} {
		plan.Event(about, corev1.EventTypeNormal, reason, nodeEvent(node, reason))
	}
	plan.Event(about, corev1.EventTypeNormal, "NodeAllocatableEnforced", "Updated Node Allocatable limit across pods")
}

func nodeEvent(node *corev1.Node, reason string) string {
	return fmt.Sprintf("Node %s status is now: %s", node.Name, reason)
}

// reportStatus writes the node's status when it has changed, and else from
// time to time.
//
// Upstream: pkg/kubelet (tryUpdateNodeStatus), without NodeSchedulable events, and with no random delay between nodes.
func reportStatus(v reconcile.View, node *corev1.Node, machine *nodelocal.Machine, images []corev1.ContainerImage, plan *reconcile.Plan, alarm *alarm) {
	now := v.Now()
	why := "status has changed"
	if isCurrent(node, machine, images) {
		if next := lastHeartbeat(node).Add(statusPeriod); next.After(now) {
			alarm.routine(next, "to report the node's status")
			return
		}
		why = "heartbeat"
	}
	updated := node.DeepCopy()
	updated.Status = nodeStatus(node, machine, images, now)
	plan.UpdateStatus(updated, why)
	if !isNodeReady(node) {
		plan.Event(node, corev1.EventTypeNormal, "NodeReady", nodeEvent(node, "NodeReady"))
	}
	alarm.routine(now.Add(statusPeriod), "to report the node's status")
}

// isCurrent says whether the Node's status reports the machine as it is. A
// lease's renewal asks every ten seconds, so only what can change is compared.
func isCurrent(node *corev1.Node, machine *nodelocal.Machine, images []corev1.ContainerImage) bool {
	const ownConditions = 4
	s := &node.Status
	return isNodeReady(node) && len(s.Conditions) >= ownConditions &&
		s.NodeInfo.KubeletVersion == KubeletVersion &&
		len(s.Images) == min(len(images), maxImages) &&
		len(s.Addresses) > 0 && s.Addresses[0].Address == machine.Spec.InternalIP &&
		hasAll(s.Capacity, machine.Spec.Capacity) && equality.Semantic.DeepEqual(s.Allocatable, s.Capacity)
}

// hasAll says whether a Node's capacity is the machine's, whatever else has
// been advertised on the Node.
func hasAll(capacity, machine corev1.ResourceList) bool {
	for name, amount := range machine { // any order: all must be there
		if reported, ok := capacity[name]; !ok || reported.Cmp(amount) != 0 {
			return false
		}
	}
	return true
}

func lastHeartbeat(node *corev1.Node) time.Time {
	if c := nodeCondition(node, corev1.NodeReady); c != nil {
		return c.LastHeartbeatTime.Time
	}
	return time.Time{}
}

func isNodeReady(node *corev1.Node) bool {
	c := nodeCondition(node, corev1.NodeReady)
	return c != nil && c.Status == corev1.ConditionTrue
}

func nodeCondition(node *corev1.Node, condition corev1.NodeConditionType) *corev1.NodeCondition {
	for i := range node.Status.Conditions {
		if node.Status.Conditions[i].Type == condition {
			return &node.Status.Conditions[i]
		}
	}
	return nil
}
