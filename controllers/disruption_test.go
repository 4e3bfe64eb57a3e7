package controllers

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view/decisiontest"
)

// workloads is what the API serves of the kinds that control Pods.
func workloads(v reconcile.View, gvk schema.GroupVersionKind) (gr schema.GroupResource, namespaced, ok bool) {
	switch gvk.Kind {
	case "StatefulSet":
		return reconcile.StatefulSets.GroupResource, true, true
	case "ReplicationController":
		return reconcile.ReplicationControllers.GroupResource, true, true
	case "DaemonSet":
		return schema.GroupResource{Group: "apps", Resource: "daemonsets"}, true, true
	}
	return testMapping(v, gvk)
}

// noScales is an API without custom resources.
func noScales(reconcile.View, schema.GroupResource, reconcile.Key) (types.UID, int32, bool, error) {
	return "", 0, false, nil
}

func TestDisruption(t *testing.T) {
	decisiontest.Run(t, "testdata/disruption", Disruption(workloads, noScales), StalePodDisruption())
}

func TestHealthMayDiffer(t *testing.T) {
	pod := func(change func(*corev1.Pod)) *corev1.Pod {
		p := &corev1.Pod{Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse}}}}
		change(p)
		return p
	}
	same := func(*corev1.Pod) {}
	require.True(t, healthMayDiffer(nil, pod(same)))
	require.True(t, healthMayDiffer(pod(same), nil))
	for name, test := range map[string]struct {
		change func(*corev1.Pod)
		want   bool
	}{
		"ready":      {func(p *corev1.Pod) { p.Status.Conditions[0].Status = corev1.ConditionTrue }, true},
		"deleted":    {func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{} }, true},
		"labels":     {func(p *corev1.Pod) { p.Labels = map[string]string{"app": "web"} }, true},
		"adopted":    {func(p *corev1.Pod) { p.OwnerReferences = []metav1.OwnerReference{{UID: "a"}} }, true},
		"an address": {func(p *corev1.Pod) { p.Status.PodIP = "10.0.0.1" }, false},
	} {
		require.Equal(t, test.want, healthMayDiffer(pod(same), pod(test.change)), name)
	}
}
