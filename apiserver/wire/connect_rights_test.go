package wire_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/minik8s/minik8s/apiserver/wire"
)

// A WebSocket is opened with GET, but takes the right to create, which is asked
// for before anyone looks at the Pod.
func TestOpeningAWebSocketTakesTheRightToCreate(t *testing.T) {
	_, config, admin := connected(t, wire.Node{})
	pods, roles := admin.CoreV1().Pods("default"), admin.RbacV1().Roles("default")
	_, err := pods.Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "nowhere"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "nginx"}}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	role := &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{Name: "opener"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods/exec", "pods/attach", "pods/portforward"}, Verbs: []string{"get"}}},
	}
	role, err = roles.Create(t.Context(), role, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = admin.RbacV1().RoleBindings("default").Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "opener"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "opener"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "eve"}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)

	eve := rest.CopyConfig(config)
	eve.Impersonate.UserName = "eve"
	open := func(subresource string) error {
		return kubernetes.NewForConfigOrDie(eve).CoreV1().RESTClient().Get().
			Namespace("default").Resource("pods").Name("nowhere").SubResource(subresource).Do(t.Context()).Error()
	}
	for _, subresource := range []string{"exec", "attach", "portforward"} {
		require.ErrorContains(t, open(subresource), `pods "nowhere" is forbidden`)
	}
	role.Rules[0].Verbs = []string{"get", "create"}
	_, err = roles.Update(t.Context(), role, metav1.UpdateOptions{})
	require.NoError(t, err)
	for _, subresource := range []string{"exec", "attach", "portforward"} {
		require.ErrorContains(t, open(subresource), "pod nowhere does not have a host assigned")
	}
}
