package apiserver

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	quantity "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// put stores an object past the door, as the kubelet would have left it.
func (w *world) put(gr schema.GroupResource, obj kinds.Object, node string) {
	require.NoError(w, w.Store.Write(func(tx *store.Tx) error {
		return tx.Put(&store.Object{Resource: gr, Namespace: obj.GetNamespace(), Name: obj.GetName(), Value: obj, Node: node}, 0, store.Origin{})
	}))
}

func (w *world) putRunningPod(name string, since time.Time) {
	w.put(pods, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "default", UID: "1", Labels: map[string]string{"app": name}},
		Spec: corev1.PodSpec{NodeName: "node-1", Containers: []corev1.Container{{Name: "c", Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{"cpu": quantity.MustParse("200m"), "memory": quantity.MustParse("100Mi")},
		}}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{
			Name: "c", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(since)}},
		}}},
	}, "node-1")
}

// metrics asks metrics.k8s.io, whose resources are called like others.
func (w *world) metrics(verb Verb, plural, key string) (Response, error) {
	req := w.request(verb, plural, key)
	req.Resource = metricsv1beta1.SchemeGroupVersion.WithResource(plural)
	return w.Do(req)
}

func TestMetricsAreAPartOfTheRequests(t *testing.T) {
	w := newWorld(t)
	w.put(nodes, &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: "node-1"},
		Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}},
	}, "")
	w.putRunningPod("old", w.now.Add(-time.Hour))
	w.putRunningPod("young", w.now.Add(-5*time.Second))

	res, err := w.metrics(List, "pods", "default/")
	require.NoError(t, err)
	require.Len(t, res.Items, 1)
	old := res.Items[0].(*metricsv1beta1.PodMetrics)
	require.Equal(t, "old", old.Name)
	cpu, memory := old.Containers[0].Usage.Cpu().MilliValue(), old.Containers[0].Usage.Memory().Value()
	require.True(t, cpu > 50 && cpu < 160, cpu)
	require.True(t, memory > 45<<20 && memory < 95<<20, memory)

	again, err := w.metrics(Get, "pods", "default/old")
	require.NoError(t, err)
	require.Equal(t, old, again.Object)
	_, err = w.metrics(Get, "pods", "default/young")
	require.Equal(t, `404 NotFound: podmetrics.metrics.k8s.io "default/young" not found`, answer(err))

	node, err := w.metrics(Get, "nodes", "node-1")
	require.NoError(t, err)
	require.Equal(t, cpu+systemMilliCPU, node.Object.(*metricsv1beta1.NodeMetrics).Usage.Cpu().MilliValue())
	_, err = w.metrics(Get, "nodes", "node-2")
	require.Equal(t, `404 NotFound: nodemetrics.metrics.k8s.io "node-2" not found`, answer(err))
	_, err = w.metrics(Delete, "pods", "default/old")
	require.True(t, strings.HasPrefix(answer(err), "405 "), answer(err))
}
