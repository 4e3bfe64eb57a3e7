package controllers

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestReplicaSet(t *testing.T) {
	decisiontest.Run(t, "testdata/replicaset", ReplicaSet())
}

func replicaSet(name string, replicas int32) *appsv1.ReplicaSet {
	app := map[string]string{"app": "web"}
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, UID: "rs-" + types.UID(name), ResourceVersion: "1"},
		Spec: appsv1.ReplicaSetSpec{
			Replicas: ptr.To(replicas),
			Selector: &metav1.LabelSelector{MatchLabels: app},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: app},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx"}}},
			},
		},
	}
}

func asReplicated(rs *appsv1.ReplicaSet) replicated {
	return replicated{ReplicaSet: rs, stored: rs, kind: replicaSetKind}
}

func storedSet(rs *appsv1.ReplicaSet) stored { return stored{reconcile.ReplicaSets.GroupResource, rs} }

// readyPods are n Pods of a ReplicaSet, on ten nodes.
func readyPods(rs *appsv1.ReplicaSet, n int) []stored {
	ref := *metav1.NewControllerRef(rs, appsv1.SchemeGroupVersion.WithKind("ReplicaSet"))
	pods := make([]stored, n)
	for i := range pods {
		pod := podFromTemplate(&rs.Spec.Template, rs, ref)
		pod.Name = fmt.Sprintf("%s-%05d", rs.Name, i)
		pod.UID = types.UID(pod.Name)
		pod.CreationTimestamp = metav1.NewTime(time.Date(2025, 12, 31, 0, 0, i, 0, time.UTC))
		pod.Spec.NodeName = fmt.Sprintf("node-%d", i%10)
		pod.Status.Phase = corev1.PodRunning
		pod.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: pod.CreationTimestamp}}
		pods[i] = stored{reconcile.Pods.GroupResource, pod}
	}
	return pods
}

func reconcileWeb(t testing.TB, v reconcile.View, lastErr error) reconcile.Plan {
	plan, err := reconcileReplicaSet(v, reconcile.Request{Key: reconcile.Key{Namespace: "default", Name: "web"}, LastErr: lastErr})
	require.NoError(t, err)
	return plan
}

func countCalls(plan reconcile.Plan, verb reconcile.Verb) int {
	n := 0
	for _, call := range plan.Calls {
		if call.Verb == verb {
			n++
		}
	}
	return n
}

func TestReplicaSetBurst(t *testing.T) {
	rs := replicaSet("web", 1200)
	plan := reconcileWeb(t, worldOf(t, storedSet(rs)), nil)
	require.Equal(t, 500, countCalls(plan, reconcile.Create))
	names := map[string]bool{}
	for _, call := range plan.Calls {
		if call.Verb == reconcile.Create {
			names[call.Object.GetName()] = true
			require.Regexp(t, `^web-[bcdfghjklmnpqrstvwxz2456789]{5}$`, call.Object.GetName())
		}
	}
	require.Len(t, names, 500, "each pod has a name of its own")

	rs = replicaSet("web", 100)
	plan = reconcileWeb(t, worldOf(t, append(readyPods(rs, 1200), storedSet(rs))...), nil)
	require.Equal(t, 500, countCalls(plan, reconcile.Delete))
}

func TestPodNames(t *testing.T) {
	rs := replicaSet("web", 3)
	empty := worldOf(t)
	names := podNames(empty, asReplicated(rs), 3)
	require.Equal(t, names, podNames(empty, asReplicated(rs), 3), "the same turn gives the same names")

	taken := readyPods(rs, 1)[0]
	taken.SetName(names[0])
	v := worldOf(t, taken)
	require.Equal(t, names[1:], podNames(v, asReplicated(rs), 2), "names in use are skipped")

	changed := rs.DeepCopy()
	changed.ResourceVersion = "2"
	require.NotContains(t, podNames(empty, asReplicated(changed), 3), names[0])

	long := replicaSet(strings.Repeat("a", 100), 1)
	require.Len(t, podNames(empty, asReplicated(long), 1)[0], 63)
}

// Which errors of the last turn are a failure to create a Pod?
func TestReplicaFailure(t *testing.T) {
	pods, sets := schema.GroupResource{Resource: "pods"}, schema.GroupResource{Group: "apps", Resource: "replicasets"}
	quota := apierrors.NewForbidden(pods, "web-x", errors.New("exceeded quota: small"))
	terminating := apierrors.NewForbidden(pods, "web-x", errors.New("namespace is being terminated"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	for name, test := range map[string]struct {
		err     error
		message string // empty: no failure
	}{
		"none":            {nil, ""},
		"quota":           {quota, `pods "web-x" is forbidden: exceeded quota: small`},
		"wrapped":         {fmt.Errorf("create pods: %w", quota), `pods "web-x" is forbidden: exceeded quota: small`},
		"invalid":         {apierrors.NewInvalid(schema.GroupKind{Kind: "Pod"}, "web-x", nil), `Pod "web-x" is invalid`},
		"no details":      {errors.New("webhook is down"), "webhook is down"},
		"view was behind": {apierrors.NewConflict(pods, "web-x", errors.New("changed")), ""},
		"name was taken":  {apierrors.NewAlreadyExists(pods, "web-x"), ""},
		"already gone":    {apierrors.NewNotFound(pods, "web-x"), ""},
		"its own status":  {apierrors.NewForbidden(sets, "web", errors.New("no")), ""},
		"terminating":     {terminating, ""},
	} {
		t.Run(name, func(t *testing.T) {
			rs := replicaSet("web", 1)
			plan := reconcileWeb(t, worldOf(t, storedSet(rs)), test.err)
			if test.message == "" {
				for _, call := range plan.Calls {
					require.NotEqual(t, failedCreate, call.EventReason)
				}
				return
			}
			require.Equal(t, "Error creating: "+test.message, plan.Calls[0].Message)
			written := plan.Calls[1].Object.(*appsv1.ReplicaSet)
			require.Equal(t, test.message, written.Status.Conditions[0].Message)
			require.Zero(t, countCalls(plan, reconcile.Create), "it is recorded first")
		})
	}
}

func TestNoPodsInTerminatingNamespace(t *testing.T) {
	err := apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "web-x", errors.New("namespace is being terminated"))
	err.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	v := worldOf(t, storedSet(replicaSet("web", 1)))
	require.Zero(t, countCalls(reconcileWeb(t, v, err), reconcile.Create))
	require.Equal(t, 1, countCalls(reconcileWeb(t, v, nil), reconcile.Create))
}

func TestAgeMagnitude(t *testing.T) {
	require.Equal(t, -1, ageMagnitude(0))
	require.Equal(t, -1, ageMagnitude(-time.Second), "a clock that is behind")
	require.Equal(t, 29, ageMagnitude(time.Second))
	require.Equal(t, ageMagnitude(40*time.Minute), ageMagnitude(41*time.Minute))
	require.Less(t, ageMagnitude(10*time.Minute), ageMagnitude(40*time.Minute))
}

func TestOrphanMayMatch(t *testing.T) {
	rs := replicaSet("web", 1)
	owned := readyPods(rs, 1)[0].Object
	orphan := owned.DeepCopyObject().(*corev1.Pod)
	orphan.OwnerReferences = nil
	relabelled := orphan.DeepCopy()
	relabelled.Labels = labels.Set{"app": "db"}
	busy := orphan.DeepCopy()
	busy.Status.Phase = corev1.PodFailed

	require.True(t, orphanMayMatch(nil, orphan), "created")
	require.True(t, orphanMayMatch(owned, orphan), "released")
	require.True(t, orphanMayMatch(orphan, relabelled), "relabelled")
	require.False(t, orphanMayMatch(orphan, busy), "its status changed")
	require.False(t, orphanMayMatch(orphan, owned), "adopted")
	require.False(t, orphanMayMatch(orphan, nil), "gone")
}

// BenchmarkReplicaSet is one turn of a ReplicaSet with 1,000 Pods: at rest, at
// a scale-up and at a scale-down by half.
func BenchmarkReplicaSet(b *testing.B) {
	owner := []metav1.OwnerReference{{Kind: "Deployment", Name: "web", UID: "deployment", Controller: ptr.To(true)}}
	for _, turn := range []struct {
		name string
		want int32
	}{{"rest", 1000}, {"up", 1500}, {"down", 500}} {
		rs := replicaSet("web", turn.want)
		rs.OwnerReferences = owner
		v := worldOf(b, append(readyPods(rs, 1000), storedSet(rs))...)
		b.Run(turn.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				reconcileWeb(b, v, nil)
			}
		})
	}
}
