package controllers

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
)

func changedPod(change func(*corev1.Pod)) stored {
	pod := manyPods(1)[0].Object.(*corev1.Pod)
	change(pod)
	return stored{reconcile.Pods.GroupResource, pod}
}

// Which changes of a Pod need a turn for its Service?
func TestPodChangesThatEndpointsShow(t *testing.T) {
	pod := manyPods(1)[0]
	for _, tt := range []struct {
		name  string
		after stored
		wakes bool
	}{
		{"gone", stored{}, true},
		{"deleted", changedPod(func(p *corev1.Pod) { p.DeletionTimestamp = ptr.To(metav1.Unix(0, 0)) }), true},
		{"no longer ready", changedPod(func(p *corev1.Pod) { p.Status.Conditions[0].Status = corev1.ConditionFalse }), true},
		{"ended", changedPod(func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed }), true},
		{"a new address", changedPod(func(p *corev1.Pod) { p.Status.PodIPs[0].IP = "10.0.9.9" }), true},
		{"no longer selected", changedPod(func(p *corev1.Pod) { p.Labels["app"] = "other" }), true},
		{"a host name", changedPod(func(p *corev1.Pod) { p.Spec.Hostname = "a" }), true},
		{"an annotation", changedPod(func(p *corev1.Pod) { p.Annotations = map[string]string{"a": "b"} }), false},
		{"a container status", changedPod(func(p *corev1.Pod) { p.Status.ContainerStatuses = make([]corev1.ContainerStatus, 1) }), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var want []string
			if tt.wakes {
				want = []string{"dev/web"}
			}
			for _, c := range []reconcile.Component{Endpoints(), EndpointSlice()} {
				if got := wokenBy(c, worldOf(t, webService()), pod, tt.after); !slices.Equal(got, want) {
					t.Errorf("%s: woke %q, want %q", c.Name, got, want)
				}
			}
		})
	}
}

// What leaves a namespace wakes the namespace controller, if it waits for that.
func TestDeletionsWakeTheirNamespace(t *testing.T) {
	pod := manyPods(1)[0]
	active := stored{reconcile.Namespaces.GroupResource, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "dev"}}}
	namespaces := Namespace(namespacedResources(), noCustomResources)
	if got := wokenBy(namespaces, worldOf(t, terminating("dev")), pod, stored{}); !slices.Equal(got, []string{"dev"}) {
		t.Errorf("woke %q for a namespace that is being deleted", got)
	}
	if got := wokenBy(namespaces, worldOf(t, active), pod, stored{}); got != nil {
		t.Errorf("woke %q for an active namespace", got)
	}
	if got := wokenBy(namespaces, worldOf(t, terminating("dev")), pod, labelled(pod)); got != nil {
		t.Errorf("woke %q for a pod that has only changed", got)
	}
	account := stored{reconcile.ServiceAccounts.GroupResource, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "dev", Name: "default"}}}
	if got := wokenBy(ServiceAccount(), worldOf(t, active), account, stored{}); !slices.Equal(got, []string{"dev"}) {
		t.Errorf("woke %q for a deleted service account", got)
	}
}

// A Service's slices follow its Nodes' zones.
func TestNodeChangesThatEndpointsShow(t *testing.T) {
	v := worldOf(t, append(manyPods(2), webService())...)
	node := oneNode()
	if got := wokenBy(EndpointSlice(), v, stored{}, node); !slices.Equal(got, []string{"dev/web"}) {
		t.Errorf("woke %q for a new node", got)
	}
	if got := wokenBy(EndpointSlice(), v, node, labelled(node)); got != nil {
		t.Errorf("woke %q for another label", got)
	}
	zoned := labelled(node)
	zoned.SetLabels(map[string]string{corev1.LabelTopologyZone: "zone-a"})
	if got := wokenBy(EndpointSlice(), v, node, zoned); !slices.Equal(got, []string{"dev/web"}) {
		t.Errorf("woke %q for a zone", got)
	}
}
