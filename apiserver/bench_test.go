package apiserver

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// templatedPod is a pod as the ReplicaSet controller makes it, from a
// template that has its defaults.
func templatedPod() *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			GenerateName: "web-5d9c7b8f6d-",
			Labels:       map[string]string{"app": "web", "pod-template-hash": "5d9c7b8f6d"},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "web-5d9c7b8f6d", UID: "4f6f3a86-8fb5-4ba4-a3c4-2b6d32b9a1d0",
				Controller: ptr.To(true), BlockOwnerDeletion: ptr.To(true),
			}},
		},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx:1.27", Ports: []corev1.ContainerPort{{ContainerPort: 80}}}}},
	}
}

func (w *world) createPods(n int) []*corev1.Pod {
	made := make([]*corev1.Pod, n)
	for i := range made {
		made[i] = w.mustCreate("pods", "default", templatedPod()).(*corev1.Pod)
	}
	return made
}

func BenchmarkCreatePod(b *testing.B) {
	w := newWorld(b)
	b.ReportAllocs()
	for b.Loop() {
		w.createPods(1)
	}
}

// BenchmarkStorePut is the part of a write that is the store's.
func BenchmarkStorePut(b *testing.B) {
	w := newWorld(b)
	pod := w.createPods(1)[0]
	b.ReportAllocs()
	for b.Loop() {
		err := w.Store.Write(func(tx *store.Tx) error {
			return tx.Put(&store.Object{Resource: pods, Namespace: pod.Namespace, Name: pod.Name, Value: pod, Owners: ownerUIDs(pod)}, store.AnyRevision, store.Origin{})
		})
		require.NoError(b, err)
	}
}

func BenchmarkBind(b *testing.B) {
	w := newWorld(b)
	b.ReportAllocs()
	var waiting []*corev1.Pod
	for b.Loop() {
		if len(waiting) == 0 {
			b.StopTimer()
			waiting = w.createPods(1000)
			b.StartTimer()
		}
		require.NoError(b, w.bind("default/"+waiting[0].Name, "node-1"))
		waiting = waiting[1:]
	}
}

func BenchmarkUpdateStatus(b *testing.B) {
	w := newWorld(b)
	many := w.createPods(1000)
	req := w.request(Update, "pods", "")
	req.Subresource = "status"
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		next := *many[i%1000]
		next.Status.Phase = corev1.PodRunning
		next.Status.Message = fmt.Sprint(i)
		req.Namespace, req.Name, req.Object = next.Namespace, next.Name, &next
		res, err := w.Do(req)
		require.NoError(b, err)
		many[i%1000] = res.Object.(*corev1.Pod)
	}
}

func BenchmarkRecordEvent(b *testing.B) {
	w := newWorld(b)
	many := w.createPods(1000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		pod := many[i%1000]
		_, err := w.RecordEvent(EventRecord{
			About: w.ReferenceTo(pod), Component: "kubelet", Host: fmt.Sprint("node-", i/1000),
			Type: corev1.EventTypeNormal, Reason: "Started", Message: "Container started",
		})
		require.NoError(b, err)
	}
}

func BenchmarkList1000Pods(b *testing.B) {
	w := newWorld(b)
	w.createPods(1000)
	req := w.request(List, "pods", "default/")
	b.ReportAllocs()
	for b.Loop() {
		res, err := w.Do(req)
		require.NoError(b, err)
		require.Len(b, res.Items, 1000)
	}
}

func BenchmarkGetPod(b *testing.B) {
	w := newWorld(b)
	w.mustCreate("pods", "default", newPodObject("web"))
	req := w.request(Get, "pods", "default/web")
	b.ReportAllocs()
	for b.Loop() {
		_, err := w.Do(req)
		require.NoError(b, err)
	}
}

// BenchmarkManagedFields is what a write costs without and with tracking who
// manages which fields.
func BenchmarkManagedFields(b *testing.B) {
	deployment := newDeployment("", 1)
	deployment.GenerateName = "web-"
	for _, tt := range []struct {
		plural string
		obj    kinds.Object
	}{
		{"configmaps", &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "c-"}, Data: map[string]string{"a": "1", "b": "2"}}},
		{"pods", templatedPod()},
		{"deployments", deployment},
	} {
		for _, program := range []string{"", "kubectl"} {
			b.Run(fmt.Sprintf("create/%s/%s", tt.plural, program), func(b *testing.B) {
				w := newWorld(b)
				for b.Loop() {
					w.writeBy(program, Create, tt.plural, tt.obj)
				}
			})
			b.Run(fmt.Sprintf("update/%s/%s", tt.plural, program), func(b *testing.B) {
				w := newWorld(b)
				now := w.writeBy(program, Create, tt.plural, tt.obj)
				for n := 0; b.Loop(); n++ {
					next := now.DeepCopyObject().(kinds.Object)
					next.SetAnnotations(map[string]string{"n": fmt.Sprint(n)})
					now = w.writeBy(program, Update, tt.plural, next)
				}
			})
		}
	}
}

func (w *world) writeBy(program string, verb Verb, plural string, obj kinds.Object) kinds.Object {
	req := w.request(verb, plural, "default/")
	req.Object, req.UserAgent = obj.DeepCopyObject(), program
	res, err := w.Do(req)
	require.NoError(w, err)
	return res.Object.(kinds.Object)
}
