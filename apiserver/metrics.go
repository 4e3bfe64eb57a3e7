package apiserver

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	quantity "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
	"github.com/minik8s/minik8s/store"
)

// Usage is worked out when it is asked for, from the Pods that run: see
// nodelocal.Usage for how. A Pod shows once all its containers have run for a
// whole window, as it takes a real metrics-server two looks to know a rate.

// The system's own part in what a node uses: kubelet, runtime, kernel.
const (
	systemMilliCPU = 60
	systemMemory   = 300 << 20
)

// errNoMetrics is what metrics-server says of a name that it knows nothing of.
func errNoMetrics(kind, name string) error {
	return apierrors.NewNotFound(schema.GroupResource{Group: podMetrics.Group, Resource: kind}, name)
}

func (c *call) getPodMetrics(from *store.Snapshot) (kinds.Object, error) {
	if o := from.Get(pods, c.req.Namespace, c.req.Name); o != nil {
		if m := c.usageOfPod(o.Value.(*corev1.Pod)); m != nil {
			return m, nil
		}
	}
	return nil, errNoMetrics("podmetrics", c.req.Namespace+"/"+c.req.Name)
}

func (c *call) listPodMetrics(from *store.Snapshot) ([]kinds.Object, error) {
	var all []kinds.Object
	for o := range from.List(pods, c.req.Namespace) {
		if m := c.usageOfPod(o.Value.(*corev1.Pod)); m != nil {
			all = append(all, m)
		}
	}
	return all, nil
}

// usageOfPod is nil while there is nothing to say about a Pod.
func (c *call) usageOfPod(pod *corev1.Pod) *metricsv1beta1.PodMetrics {
	end := nodelocal.MeasuredAt(c.now)
	if pod.Status.Phase != corev1.PodRunning || !runsSince(pod, end.Add(-nodelocal.UsageWindow)) {
		return nil
	}
	m := &metricsv1beta1.PodMetrics{
		TypeMeta:   metav1.TypeMeta{Kind: "PodMetrics", APIVersion: metricsv1beta1.SchemeGroupVersion.String()},
		ObjectMeta: metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace, Labels: pod.Labels, CreationTimestamp: seconds(c.now)},
		Timestamp:  metav1.NewTime(end),
		Window:     metav1.Duration{Duration: nodelocal.UsageWindow},
	}
	for i := range pod.Spec.Containers {
		container := &pod.Spec.Containers[i]
		m.Containers = append(m.Containers, metricsv1beta1.ContainerMetrics{Name: container.Name, Usage: nodelocal.Usage(pod, container, end)})
	}
	return m
}

// runsSince says whether all containers have been running since a time.
func runsSince(pod *corev1.Pod, since time.Time) bool {
	for i := range pod.Status.ContainerStatuses {
		running := pod.Status.ContainerStatuses[i].State.Running
		if running == nil || running.StartedAt.After(since) {
			return false
		}
	}
	return len(pod.Status.ContainerStatuses) == len(pod.Spec.Containers)
}

func (c *call) getNodeMetrics(from *store.Snapshot) (kinds.Object, error) {
	if o := from.Get(nodes, "", c.req.Name); o != nil {
		if m := c.usageOfNode(o.Value.(*corev1.Node), from); m != nil {
			return m, nil
		}
	}
	return nil, errNoMetrics("nodemetrics", c.req.Name)
}

func (c *call) listNodeMetrics(from *store.Snapshot) ([]kinds.Object, error) {
	var all []kinds.Object
	for o := range from.List(nodes, "") {
		if m := c.usageOfNode(o.Value.(*corev1.Node), from); m != nil {
			all = append(all, m)
		}
	}
	return all, nil
}

// usageOfNode is what the node's Pods use and the system takes; nil for a node
// whose kubelet does not answer.
func (c *call) usageOfNode(node *corev1.Node, from *store.Snapshot) *metricsv1beta1.NodeMetrics {
	if !nodeIsReady(node) {
		return nil
	}
	cpu := quantity.NewScaledQuantity(systemMilliCPU*1e6, quantity.Nano)
	memory := quantity.NewQuantity(systemMemory, quantity.BinarySI)
	for o := range from.ListOnNode(node.Name) {
		pod, ok := o.Value.(*corev1.Pod)
		if !ok {
			continue
		}
		m := c.usageOfPod(pod)
		if m == nil {
			continue
		}
		for i := range m.Containers {
			cpu.Add(m.Containers[i].Usage[corev1.ResourceCPU])
			memory.Add(m.Containers[i].Usage[corev1.ResourceMemory])
		}
	}
	return &metricsv1beta1.NodeMetrics{
		TypeMeta:   metav1.TypeMeta{Kind: "NodeMetrics", APIVersion: metricsv1beta1.SchemeGroupVersion.String()},
		ObjectMeta: metav1.ObjectMeta{Name: node.Name, Labels: node.Labels, CreationTimestamp: seconds(c.now)},
		Timestamp:  metav1.NewTime(nodelocal.MeasuredAt(c.now)),
		Window:     metav1.Duration{Duration: nodelocal.UsageWindow},
		Usage:      corev1.ResourceList{corev1.ResourceCPU: *cpu, corev1.ResourceMemory: *memory},
	}
}

func nodeIsReady(node *corev1.Node) bool {
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}
