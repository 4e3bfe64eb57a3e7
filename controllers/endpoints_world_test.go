package controllers

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/view"
)

// stored is an object with the resource that it is stored under.
type stored struct {
	schema.GroupResource
	reconcile.Object
}

// worldOf is a view of exactly these objects, at a fixed time.
func worldOf(t testing.TB, objects ...stored) reconcile.View {
	t.Helper()
	s := store.New()
	for _, o := range objects {
		row := &store.Object{Resource: o.GroupResource, Namespace: o.GetNamespace(), Name: o.GetName(), Value: o.Object}
		for _, ref := range o.GetOwnerReferences() {
			row.Owners = append(row.Owners, string(ref.UID))
		}
		if pod, ok := o.Object.(*corev1.Pod); ok {
			row.Node = pod.Spec.NodeName
		}
		err := s.Write(func(tx *store.Tx) error { return tx.Put(row, store.AnyRevision, store.Origin{Reason: "given"}) })
		if err != nil {
			t.Fatal(err)
		}
	}
	return view.New(s.Snapshot(), time.Date(2026, 1, 1, 0, 1, 0, 0, time.UTC))
}

// manyPods are n Pods "web-0000" and so on in the namespace "dev", ready, on
// node-1, and controlled by a ReplicaSet "web".
func manyPods(n int) []stored {
	owner := metav1.OwnerReference{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "web", UID: "replicaset-web", Controller: ptr.To(true), BlockOwnerDeletion: ptr.To(true)}
	pods := make([]stored, n)
	for i := range pods {
		ip := fmt.Sprintf("10.0.%d.%d", i/256, i%256)
		pods[i] = stored{reconcile.Pods.GroupResource, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: "dev", Name: fmt.Sprintf("web-%04d", i), UID: types.UID(fmt.Sprintf("pod-%04d", i)), ResourceVersion: "1",
				Labels: map[string]string{"app": "web"}, OwnerReferences: []metav1.OwnerReference{owner},
			},
			Spec: corev1.PodSpec{NodeName: "node-1", TerminationGracePeriodSeconds: ptr.To(int64(30))},
			Status: corev1.PodStatus{
				Phase: corev1.PodRunning, PodIP: ip, PodIPs: []corev1.PodIP{{IP: ip}},
				Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			},
		}}
	}
	return pods
}
