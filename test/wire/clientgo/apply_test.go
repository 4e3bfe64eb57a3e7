package clientgo

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	appsapply "k8s.io/client-go/applyconfigurations/apps/v1"
	coreapply "k8s.io/client-go/applyconfigurations/core/v1"
	metaapply "k8s.io/client-go/applyconfigurations/meta/v1"
)

func deployment(name, ns, image string, replicas int32) *appsapply.DeploymentApplyConfiguration {
	labels := map[string]string{"app": name}
	return appsapply.Deployment(name, ns).WithSpec(appsapply.DeploymentSpec().
		WithReplicas(replicas).
		WithSelector(metaapply.LabelSelector().WithMatchLabels(labels)).
		WithTemplate(coreapply.PodTemplateSpec().WithLabels(labels).
			WithSpec(coreapply.PodSpec().WithContainers(coreapply.Container().WithName("web").WithImage(image)))))
}

// TestApplyConfigurations applies, extracts, hands a field over and takes one
// by force.
func TestApplyConfigurations(t *testing.T) {
	client, ns := client(t)
	deployments := client.AppsV1().Deployments(ns)
	mine, theirs := metav1.ApplyOptions{FieldManager: "mine"}, metav1.ApplyOptions{FieldManager: "theirs"}

	made, err := deployments.Apply(t.Context(), deployment("web", ns, "nginx:1", 2), mine)
	require.NoError(t, err)
	require.EqualValues(t, 2, *made.Spec.Replicas)

	// A field that another manager owns with another value is a conflict.
	_, err = deployments.Apply(t.Context(), appsapply.Deployment("web", ns).WithSpec(appsapply.DeploymentSpec().WithReplicas(5)), theirs)
	require.True(t, apierrors.IsConflict(err), "%v", err)
	require.ErrorContains(t, err, `Apply failed with 1 conflict: conflict with "mine": .spec.replicas`)
	cause := err.(apierrors.APIStatus).Status().Details.Causes
	require.Equal(t, []metav1.StatusCause{{Type: metav1.CauseTypeFieldManagerConflict, Message: `conflict with "mine"`, Field: ".spec.replicas"}}, cause)

	// By force it becomes the other's; the first owner extracts what is left.
	forced := theirs
	forced.Force = true
	taken, err := deployments.Apply(t.Context(), appsapply.Deployment("web", ns).WithSpec(appsapply.DeploymentSpec().WithReplicas(5)), forced)
	require.NoError(t, err)
	left, err := appsapply.ExtractDeployment(taken, "mine")
	require.NoError(t, err)
	require.Nil(t, left.Spec.Replicas)
	require.Equal(t, "nginx:1", *left.Spec.Template.Spec.Containers[0].Image)

	// Who stops to apply a field that nobody else owns removes it.
	left.Spec.Template.WithAnnotations(map[string]string{"note": "x"})
	noted, err := deployments.Apply(t.Context(), left, mine)
	require.NoError(t, err)
	require.Equal(t, "x", noted.Spec.Template.Annotations["note"])
	left.Spec.Template.Annotations = nil
	cleaned, err := deployments.Apply(t.Context(), left, mine)
	require.NoError(t, err)
	require.NotContains(t, cleaned.Spec.Template.Annotations, "note")
	require.EqualValues(t, 5, *cleaned.Spec.Replicas)
}

// TestUpdateAndApplyShareFields has an updater and an applier of one object.
func TestUpdateAndApplyShareFields(t *testing.T) {
	client, ns := client(t)
	maps := client.CoreV1().ConfigMaps(ns)
	applied := coreapply.ConfigMap("shared", ns).WithData(map[string]string{"a": "applied", "b": "applied"})
	object, err := maps.Apply(t.Context(), applied, metav1.ApplyOptions{FieldManager: "applier"})
	require.NoError(t, err)

	object.Data["a"], object.Data["c"] = "updated", "new"
	object, err = maps.Update(t.Context(), object, metav1.UpdateOptions{FieldManager: "updater"})
	require.NoError(t, err)
	require.Len(t, object.ManagedFields, 2)

	_, err = maps.Apply(t.Context(), applied, metav1.ApplyOptions{FieldManager: "applier"})
	require.ErrorContains(t, err, `conflict with "updater" using v1: .data.a`)
	object, err = maps.Apply(t.Context(), applied, metav1.ApplyOptions{FieldManager: "applier", Force: true})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"a": "applied", "b": "applied", "c": "new"}, object.Data)
}

// TestApplyStatus keeps what is applied to a subresource apart from the rest.
func TestApplyStatus(t *testing.T) {
	client, ns := client(t)
	pods := client.CoreV1().Pods(ns)
	_, err := pods.Apply(t.Context(), coreapply.Pod("p", ns).WithSpec(coreapply.PodSpec().
		WithSchedulerName("nobody").WithContainers(coreapply.Container().WithName("c").WithImage("nginx"))),
		metav1.ApplyOptions{FieldManager: "author"})
	require.NoError(t, err)
	pod, err := pods.ApplyStatus(t.Context(), coreapply.Pod("p", ns).WithStatus(coreapply.PodStatus().
		WithConditions(coreapply.PodCondition().WithType("example.com/checked").WithStatus(corev1.ConditionTrue))),
		metav1.ApplyOptions{FieldManager: "checker"})
	require.NoError(t, err)
	require.Equal(t, corev1.ConditionTrue, pod.Status.Conditions[0].Status)
	extracted, err := coreapply.ExtractPodStatus(pod, "checker")
	require.NoError(t, err)
	require.Len(t, extracted.Status.Conditions, 1)
	whole, err := coreapply.ExtractPod(pod, "checker")
	require.NoError(t, err)
	require.Nil(t, whole.Status)
}
