package scheduler

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/view"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// viewOf is a view of a world with just these objects.
func viewOf(t testing.TB, nodes []*corev1.Node, pods []*corev1.Pod) reconcile.View {
	t.Helper()
	s := store.New()
	for _, n := range nodes {
		require.NoError(t, put(s, reconcile.Nodes.GroupResource, n, ""))
	}
	for _, p := range pods {
		require.NoError(t, put(s, reconcile.Pods.GroupResource, p, p.Spec.NodeName))
	}
	return view.New(s.Snapshot(), epoch)
}

func put(s *store.Store, gr schema.GroupResource, o reconcile.Object, node string) error {
	row := &store.Object{Resource: gr, Namespace: o.GetNamespace(), Name: o.GetName(), Value: o, Node: node}
	return s.Write(func(tx *store.Tx) error {
		return tx.Put(row, store.AnyRevision, store.Origin{Reason: "given"})
	})
}

func aNode(name, cpu, memory string) *corev1.Node {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID("node-" + name)},
		Status: corev1.NodeStatus{Allocatable: corev1.ResourceList{
			corev1.ResourceCPU:    resource.MustParse(cpu),
			corev1.ResourceMemory: resource.MustParse(memory),
			corev1.ResourcePods:   resource.MustParse("110"),
		}},
	}
}

func aPod(name, cpu, memory string) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: types.UID("pod-" + name)},
		Spec: corev1.PodSpec{
			SchedulerName: Name,
			Containers:    []corev1.Container{{Name: "c", Image: "nginx:1.29"}},
		},
	}
	if cpu != "" {
		pod.Spec.Containers[0].Resources.Requests = corev1.ResourceList{
			corev1.ResourceCPU:    resource.MustParse(cpu),
			corev1.ResourceMemory: resource.MustParse(memory),
		}
	}
	return pod
}

func bound(pod *corev1.Pod, node string) *corev1.Pod {
	pod.Spec.NodeName = node
	return pod
}

func manyNodes(n int) []*corev1.Node {
	nodes := make([]*corev1.Node, n)
	for i := range nodes {
		nodes[i] = aNode(fmt.Sprintf("node-%03d", i), "32", "128Gi")
		nodes[i].Status.Images = []corev1.ContainerImage{
			{Names: []string{"registry.k8s.io/pause:3.10"}, SizeBytes: 1 << 20},
			{Names: []string{"docker.io/library/nginx:1.29"}, SizeBytes: 70 << 20},
		}
	}
	return nodes
}

func manyPods(n int, node func(i int) string) []*corev1.Pod {
	pods := make([]*corev1.Pod, n)
	for i := range pods {
		pods[i] = bound(aPod(fmt.Sprintf("web-%05d", i), "100m", "128Mi"), node(i))
	}
	return pods
}

func nowhere(int) string { return "" }

func turn(t testing.TB, p Profile, v reconcile.View) reconcile.Plan {
	t.Helper()
	plan, err := p.Component().Reconcile(v, reconcile.Request{Key: reconcile.Single})
	require.NoError(t, err)
	return plan
}
