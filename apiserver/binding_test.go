package apiserver

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestBind(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("nodes", "", &corev1.Node{ObjectMeta: metav1.ObjectMeta{
		Name:   "node-1",
		Labels: map[string]string{corev1.LabelTopologyZone: "a", "kubernetes.io/hostname": "node-1"},
	}})
	old := w.mustCreate("pods", "default", newPodObject("web")).(*corev1.Pod)

	req := w.request(Create, "pods", "default/web")
	req.Subresource = "binding"
	req.Object = &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Name: "web", UID: old.UID, Annotations: map[string]string{"why": "room"}},
		Target:     corev1.ObjectReference{Kind: "Node", Name: "node-1"},
	}
	res, err := w.Do(req)
	require.NoError(t, err)
	require.Equal(t, &metav1.Status{Status: "Success"}, res.Object)

	pod := w.get("pods", "default/web").(*corev1.Pod)
	require.Equal(t, "node-1", pod.Spec.NodeName)
	require.Equal(t, map[string]string{"why": "room"}, pod.Annotations)
	require.Equal(t, map[string]string{"app": "web", corev1.LabelTopologyZone: "a"}, pod.Labels)
	require.Equal(t, []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: seconds(w.now)}}, pod.Status.Conditions)
	require.Equal(t, old.Generation, pod.Generation)
	require.Empty(t, old.Spec.NodeName, "the stored object is not changed")
	for o := range w.Store.Snapshot().ListOnNode("node-1") {
		require.Same(t, pod, o.Value)
	}
}

func TestBindAfterTheSchedulerFailed(t *testing.T) {
	w := newWorld(t)
	pod := copyOf[*corev1.Pod](w.mustCreate("pods", "default", newPodObject("web")))
	pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", LastTransitionTime: seconds(w.now)}}
	w.mustUpdate("pods", "status", pod)
	w.now = w.now.Add(time.Minute)
	require.NoError(t, w.bind("default/web", "node-1"))
	got := w.get("pods", "default/web").(*corev1.Pod).Status.Conditions
	require.Equal(t, []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionTrue, LastTransitionTime: seconds(w.now)}}, got)
}

func TestBindRefused(t *testing.T) {
	binding := func(key string, change func(*corev1.Binding)) func(*world) error {
		return func(w *world) error {
			req := w.request(Create, "pods", key)
			req.Subresource = "binding"
			b := &corev1.Binding{
				ObjectMeta: metav1.ObjectMeta{Namespace: req.Namespace, Name: req.Name},
				Target:     corev1.ObjectReference{Kind: "Node", Name: "node-2"},
			}
			if change != nil {
				change(b)
			}
			req.Object = b
			_, err := w.Do(req)
			return err
		}
	}
	testRefusals(t, func(w *world) {
		w.boundPod("bound")
		w.mustCreate("pods", "default", newPodObject("free"))
		gated := newPodObject("gated")
		gated.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "example.com/hold"}}
		w.mustCreate("pods", "default", gated)
		w.boundPod("going")
		_, err := w.delete("pods", "default/going", nil)
		require.NoError(t, err)
	}, []refusal{
		{"bound already", binding("default/bound", nil),
			`409 Conflict: Operation cannot be fulfilled on pods/binding "bound": pod bound is already assigned to node "node-1"`},
		{"being deleted", binding("default/going", nil),
			`409 Conflict: Operation cannot be fulfilled on pods/binding "going": pod going is being deleted, cannot be assigned to a host`},
		{"gated", binding("default/gated", nil),
			`409 Conflict: Operation cannot be fulfilled on pods/binding "gated": pod gated has non-empty .spec.schedulingGates`},
		{"missing", binding("default/none", nil), `404 NotFound: pods "none" not found`},
		{"another pod of that name", binding("default/free", func(b *corev1.Binding) { b.UID = "old" }),
			`409 Conflict: Operation cannot be fulfilled on pods "free": StorageError: invalid object, Code: 4, Key: /registry/pods/default/free, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: old, UID in object meta: ` + uidAt(4)},
		{"no node", binding("default/free", func(b *corev1.Binding) { b.Target.Name = "" }), `500 : target.name: Required value`},
		{"not a node", binding("default/free", func(b *corev1.Binding) { b.Target.Kind = "Pod" }),
			`500 : target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"`},
		{"another name", binding("default/free", func(b *corev1.Binding) { b.Name = "bound" }),
			`400 BadRequest: name in URL does not match name in Binding object`},
		{"another body", func(w *world) error {
			req := w.request(Create, "pods", "default/free")
			req.Subresource, req.Object = "binding", newPodObject("free")
			_, err := w.Do(req)
			return err
		}, `400 BadRequest: not a Binding object: *v1.Pod`},
	})
}
