package controllers

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestDeployment(t *testing.T) {
	decisiontest.Run(t, "testdata/deployment", Deployment())
}

// The hashes are what controller.ComputeHash of k8s.io/kubernetes v1.37.2
// gives. They change with the fields of PodTemplateSpec, so with k8s.io/api.
func TestTemplateHash(t *testing.T) {
	template := &corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx:2"}}},
	}
	require.Equal(t, "84858898d4", templateHash(template, nil))
	require.Equal(t, "5999847f57", templateHash(template, ptr.To[int32](1)))
	require.Equal(t, "75664bb78b", templateHash(template, ptr.To[int32](2)))
	require.Equal(t, templateHash(template, nil), templateHash(template.DeepCopy(), nil), "pointers do not matter")
}

func TestReplicaSetName(t *testing.T) {
	require.Equal(t, "web-84858898d4", replicaSetName("web", "84858898d4"))
	long := replicaSetName(strings.Repeat("a", 253), "84858898d4")
	require.Len(t, long, 253)
	require.True(t, strings.HasSuffix(long, "a-84858898d4"))
}

func TestRollingLimits(t *testing.T) {
	for _, test := range []struct {
		surge, unavailable         string
		replicas                   int32
		wantSurge, wantUnavailable int32
	}{
		{"25%", "25%", 3, 1, 0},
		{"25%", "25%", 4, 1, 1},
		{"25%", "25%", 0, 0, 0},
		{"0", "1%", 2, 0, 1},
		{"1%", "25%", 2, 1, 0},
		{"0", "0", 2, 0, 1},
		{"100%", "0%", 7, 7, 0},
		{"3", "20", 5, 3, 5},
		{"no number", "0", 5, 0, 1},
	} {
		d := &appsv1.Deployment{Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To(test.replicas),
			Strategy: appsv1.DeploymentStrategy{
				Type:          appsv1.RollingUpdateDeploymentStrategyType,
				RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: ptr.To(intstr.Parse(test.surge)), MaxUnavailable: ptr.To(intstr.Parse(test.unavailable))},
			},
		}}
		require.Equal(t, test.wantSurge, maxSurge(d), "surge of %+v", test)
		require.Equal(t, test.wantUnavailable, maxUnavailable(d), "unavailable of %+v", test)

		d.Spec.Strategy.RollingUpdate = nil
		require.Equal(t, min(1, test.replicas), maxUnavailable(d), "no limits given")
		d.Spec.Strategy.Type = appsv1.RecreateDeploymentStrategyType
		require.Zero(t, maxSurge(d)+maxUnavailable(d), "no limits with Recreate")
	}
}

func TestAppendRevision(t *testing.T) {
	require.Equal(t, "1", appendRevision("", "1"))
	require.Equal(t, "1,3", appendRevision("1", "3"))
	full := strings.Repeat("1000,", 399) + "1000" // 1999 bytes
	require.Equal(t, full[len("1000,"):]+",2000", appendRevision(full, "2000"), "the first one makes room")
	require.Equal(t, "1", appendRevision("1", strings.Repeat("9", 3000)), "what never fits is not kept")
}

// Errors that are no refusal of the new ReplicaSet are not shown as one.
func TestCreateError(t *testing.T) {
	sets, deployments := schema.GroupResource{Group: "apps", Resource: "replicasets"}, schema.GroupResource{Group: "apps", Resource: "deployments"}
	terminating := apierrors.NewForbidden(sets, "web-1", errors.New("namespace is being terminated"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	for name, test := range map[string]struct {
		err     error
		creates int
		message string
	}{
		"quota":       {apierrors.NewForbidden(sets, "web-1", errors.New("exceeded quota")), 0, `Failed to create new replica set "web-84858898d4": replicasets.apps "web-1" is forbidden: exceeded quota`},
		"conflict":    {apierrors.NewConflict(deployments, "web", errors.New("changed")), 1, ""},
		"exists":      {apierrors.NewAlreadyExists(sets, "web-1"), 1, ""},
		"terminating": {terminating, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			plan, err := reconcileDeployment(worldOf(t, storedDeployment(deploymentOf("nginx:2", appsv1.RollingUpdateDeploymentStrategyType))), reconcile.Request{Key: reconcile.Key{Namespace: "default", Name: "web"}, LastErr: test.err})
			require.NoError(t, err)
			require.Equal(t, test.creates, countCalls(plan, reconcile.Create))
			for _, call := range plan.Calls {
				if call.EventReason == reasonCreateError {
					require.Equal(t, test.message, call.Message)
					test.message = ""
				}
			}
			require.Empty(t, test.message, "no such event")
		})
	}
}

func deploymentOf(image string, strategy appsv1.DeploymentStrategyType) *appsv1.Deployment {
	app := map[string]string{"app": "web"}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web", UID: "deployment-web"},
		Spec: appsv1.DeploymentSpec{
			Replicas:                ptr.To[int32](3),
			Selector:                &metav1.LabelSelector{MatchLabels: app},
			Strategy:                appsv1.DeploymentStrategy{Type: strategy},
			ProgressDeadlineSeconds: ptr.To[int32](600),
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: app},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: image}}},
			},
		},
	}
}

func storedDeployment(d *appsv1.Deployment) stored {
	return stored{reconcile.Deployments.GroupResource, d}
}

// The end of a Pod wakes its Deployment, if that waits for it.
func TestPodEndWakesRecreate(t *testing.T) {
	recreate := deploymentOf("nginx", appsv1.RecreateDeploymentStrategyType)
	rolling := deploymentOf("nginx", appsv1.RollingUpdateDeploymentStrategyType)
	rs := replicaSet("web-1", 1)
	rs.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(recreate, appsv1.SchemeGroupVersion.WithKind("Deployment"))}
	pod := readyPods(rs, 1)[0].Object

	require.Equal(t, []reconcile.Key{{Namespace: "default", Name: "web"}},
		recreatingDeploymentOf(worldOf(t, storedSet(rs), storedDeployment(recreate)), pod))
	require.Empty(t, recreatingDeploymentOf(worldOf(t, storedSet(rs), storedDeployment(rolling)), pod), "a rolling update does not wait")
	require.Empty(t, recreatingDeploymentOf(worldOf(t, storedDeployment(recreate)), pod), "its ReplicaSet is gone")
	require.True(t, podGone(pod, nil))
	require.False(t, podGone(nil, pod))
	require.False(t, podGone(pod, pod))
}
