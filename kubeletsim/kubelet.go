package kubeletsim

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// Kubelet is the node agent, one instance for each machine. It has two sorts
// of keys: a Pod's, and, without a namespace, the node's own name for what
// concerns the node as a whole.
func Kubelet() reconcile.Component {
	return reconcile.Component{
		Name:    "kubelet",
		User:    "system:node:%s",
		For:     reconcile.Pods.GroupResource,
		PerNode: true,
		Starts:  func(node string) []reconcile.Key { return []reconcile.Key{nodeKey(node)} },
		Watches: []reconcile.Watch{
			reconcile.Mapped(reconcile.Pods.GroupResource, boundPod).On(nodeOfPod).If(podMatters),
			reconcile.Mapped(reconcile.Sandboxes.GroupResource, podOfSandbox).On(namespaceOf).If(comesOrGoes),
			reconcile.Mapped(reconcile.Sandboxes.GroupResource, nodeOfSandbox).On(namespaceOf).If(pullsMatter),
			reconcile.Self(reconcile.Nodes.GroupResource).On(nameOf).If(nodeMatters),
			reconcile.Self(reconcile.Machines.GroupResource).On(nameOf).If(machineMatters),
		},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			if req.Key == nodeKey(req.Node) {
				return nodeTurn(v, req)
			}
			return podTurn(v, req)
		},
	}
}

func nodeKey(node string) reconcile.Key { return reconcile.Key{Name: node} }

func nodeOfPod(o reconcile.Object) string   { return o.(*corev1.Pod).Spec.NodeName }
func namespaceOf(o reconcile.Object) string { return o.GetNamespace() }
func nameOf(o reconcile.Object) string      { return o.GetName() }

// boundPod has no key for a Pod without a node: it concerns no kubelet.
func boundPod(_ reconcile.View, o reconcile.Object) []reconcile.Key {
	if nodeOfPod(o) == "" {
		return nil
	}
	return []reconcile.Key{reconcile.KeyOf(o)}
}

func podOfSandbox(_ reconcile.View, o reconcile.Object) []reconcile.Key {
	s := o.(*nodelocal.Sandbox)
	return []reconcile.Key{{Namespace: s.PodNamespace, Name: s.PodName}}
}

// comesOrGoes drops what the kubelet itself writes into a sandbox, which it
// has told the API in the same turn. A new one has got its address from the
// door, and that is yet to be told.
func comesOrGoes(before, after reconcile.Object) bool { return before == nil || after == nil }

func nodeOfSandbox(_ reconcile.View, o reconcile.Object) []reconcile.Key {
	return []reconcile.Key{nodeKey(o.GetNamespace())}
}

// podMatters drops what the kubelet itself writes: a change of a Pod's status
// that neither ends it nor can concern its readiness gates. Labels and
// annotations are what containers may be told of.
//
// Upstream: pkg/kubelet/config (podsDifferSemantically).
func podMatters(before, after reconcile.Object) bool {
	old, _ := before.(*corev1.Pod)
	pod, _ := after.(*corev1.Pod)
	if old == nil || pod == nil {
		return true
	}
	return old.UID != pod.UID || old.Generation != pod.Generation ||
		old.Spec.NodeName != pod.Spec.NodeName ||
		!old.DeletionTimestamp.Equal(pod.DeletionTimestamp) ||
		!maps.Equal(old.Labels, pod.Labels) || !maps.Equal(old.Annotations, pod.Annotations) ||
		isTerminal(old.Status.Phase) != isTerminal(pod.Status.Phase) ||
		len(pod.Spec.ReadinessGates) > 0
}

// pullsMatter lets through that a pull was begun: the node's turn notes the
// image when it is done.
func pullsMatter(before, after reconcile.Object) bool {
	s, _ := after.(*nodelocal.Sandbox)
	if s == nil || len(s.Pulls) == 0 {
		return false
	}
	old, _ := before.(*nodelocal.Sandbox)
	return old == nil || !equality.Semantic.DeepEqual(old.Pulls, s.Pulls)
}

// nodeMatters drops everything but the coming and going of the Node, which
// registers again. What others do to its status is put right by the next
// heartbeat.
func nodeMatters(before, after reconcile.Object) bool {
	return before == nil || after == nil || before.GetUID() != after.GetUID()
}

// machineMatters drops the images that the kubelet itself has noted.
func machineMatters(before, after reconcile.Object) bool {
	old, _ := before.(*nodelocal.Machine)
	machine, _ := after.(*nodelocal.Machine)
	return old == nil || machine != nil && !equality.Semantic.DeepEqual(old.Spec, machine.Spec)
}
