package minik8s_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/reconcile"
)

// A budget in percent is measured against the scale of the custom resource
// that controls its Pods; one whose definition has no scale cannot be.
func TestBudgetOfACustomResource(t *testing.T) {
	c, all := withCronTabs(t)
	owner := newCronTab("owner")
	owner.Object["spec"] = map[string]any{"replicas": int64(4)}
	owner, err := all.Namespace("default").Create(ctx, owner, metav1.CreateOptions{})
	require.NoError(t, err)
	client := kubernetes.NewForConfigOrDie(c.RESTConfig())
	_, err = client.CoreV1().Pods("default").Create(ctx, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "one", Labels: map[string]string{"app": "tab"}, OwnerReferences: []metav1.OwnerReference{{
			APIVersion: owner.GetAPIVersion(), Kind: owner.GetKind(), Name: owner.GetName(), UID: owner.GetUID(), Controller: ptr.To(true),
		}}},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "busybox"}}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	apply(t, c, `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: tab, namespace: default}
spec: {minAvailable: 50%, selector: {matchLabels: {app: tab}}}
`)
	settle(t, c)
	require.Equal(t, "crontabs.stable.example.com does not implement the scale subresource", syncFailure(t, c))

	_, err = dynamic.NewForConfigOrDie(c.RESTConfig()).Resource(crd).Patch(ctx, "crontabs.stable.example.com", types.JSONPatchType,
		[]byte(`[{"op":"add","path":"/spec/versions/0/subresources","value":{"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas"}}}]`), metav1.PatchOptions{})
	require.NoError(t, err)
	_, err = client.CoreV1().Pods("default").Patch(ctx, "one", types.MergePatchType, []byte(`{"metadata":{"labels":{"again":"yes"}}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	settle(t, c)
	require.Equal(t, int32(4), budgetOf(t, c).Status.ExpectedPods)
	require.Equal(t, int32(2), budgetOf(t, c).Status.DesiredHealthy)
}

func budgetOf(t *testing.T, c *minik8s.Cluster) *policyv1.PodDisruptionBudget {
	t.Helper()
	pdb, ok := reconcile.PodDisruptionBudgets.Get(viewOf(c), reconcile.Key{Namespace: "default", Name: "tab"})
	require.True(t, ok)
	return pdb
}

// syncFailure is why the budget's status could not be worked out.
func syncFailure(t *testing.T, c *minik8s.Cluster) string {
	t.Helper()
	for _, condition := range budgetOf(t, c).Status.Conditions {
		if condition.Reason == policyv1.SyncFailedReason {
			return condition.Message
		}
	}
	return ""
}
