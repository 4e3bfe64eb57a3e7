package minik8s_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/trace"
)

// forbidden are the refusals in turns that are for want of a right.
func forbidden(turns []*trace.Turn) (refusals []string) {
	for _, turn := range turns {
		for _, call := range turn.Calls {
			if strings.Contains(call.Err, " cannot ") && strings.Contains(call.Err, "User ") {
				refusals = append(refusals, turn.Component+": "+call.Err)
			}
		}
	}
	return refusals
}

// Every built-in component has upstream's rights, and needs no others: from
// the first node to the end of a namespace nothing is refused.
func TestComponentsHaveTheRightsTheyNeed(t *testing.T) {
	t.Parallel()
	c, err := minik8s.New(minik8s.Options{Nodes: 2})
	require.NoError(t, err)
	client := kubernetes.NewForConfigOrDie(c.RESTConfig())
	settle := func() {
		turns, err := c.Settle(10 * time.Minute)
		require.NoError(t, err)
		require.Empty(t, forbidden(turns))
	}
	settle()
	require.NoError(t, c.Apply("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"))
	settle()
	require.NoError(t, c.Apply(strings.ReplaceAll(webManifest, "metadata: {name: web}", "metadata: {name: web, namespace: shop}")))
	settle()
	deployments := client.AppsV1().Deployments("shop")
	_, err = deployments.Patch(t.Context(), "web", "application/merge-patch+json", []byte(`{"spec":{"replicas":4,"template":{"metadata":{"labels":{"v":"2"}}}}}`), metav1.PatchOptions{})
	require.NoError(t, err)
	settle()
	require.NoError(t, client.CoreV1().Namespaces().Delete(t.Context(), "shop", metav1.DeleteOptions{}))
	settle()
	_, err = client.CoreV1().Namespaces().Get(t.Context(), "shop", metav1.GetOptions{})
	require.ErrorContains(t, err, "not found")
}

// Every built-in component acts as one of upstream's users: one that is a
// service account has the role that upstream gives to a controller of its name.
func TestControllersHaveRoles(t *testing.T) {
	t.Parallel()
	c, err := minik8s.New(minik8s.Options{})
	require.NoError(t, err)
	rbac := kubernetes.NewForConfigOrDie(c.RESTConfig()).RbacV1()
	bindings, inSystem := rbac.ClusterRoleBindings(), rbac.RoleBindings("kube-system")
	for _, component := range minik8s.Components(kinds.NewRegistry(kinds.All()), minik8s.Options{}) {
		account, ok := strings.CutPrefix(component.User, "system:serviceaccount:kube-system:")
		if !ok {
			continue
		}
		_, err := bindings.Get(t.Context(), "system:controller:"+account, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			_, err = inSystem.Get(t.Context(), "system:controller:"+account, metav1.GetOptions{})
		}
		require.NoError(t, err, component.Name)
	}
}

// A component whose binding is taken away is refused as any other client, backs
// off, and goes on when it has it again.
func TestComponentWithoutItsBinding(t *testing.T) {
	t.Parallel()
	c, err := minik8s.New(minik8s.Options{})
	require.NoError(t, err)
	_, err = c.Settle(time.Minute)
	require.NoError(t, err)
	client := kubernetes.NewForConfigOrDie(c.RESTConfig())
	bindings := client.RbacV1().ClusterRoleBindings()
	const name = "system:controller:deployment-controller"
	binding, err := bindings.Get(t.Context(), name, metav1.GetOptions{})
	require.NoError(t, err)
	require.NoError(t, bindings.Delete(t.Context(), name, metav1.DeleteOptions{}))
	require.NoError(t, c.Apply(webManifest))

	_, err = c.Settle(10 * time.Second)
	require.ErrorContains(t, err, `deployment-controller on default/web (attempt`)
	require.ErrorContains(t, err, `replicasets.apps is forbidden: User "system:serviceaccount:kube-system:deployment-controller" cannot create resource "replicasets" in API group "apps" in the namespace "default"`)

	_, err = bindings.Create(t.Context(), &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: binding.RoleRef, Subjects: binding.Subjects}, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = c.Settle(10 * time.Minute)
	require.NoError(t, err)
	require.Equal(t, 3, runningPods(c))
}

// What a cluster's users are usually given is there: view, edit and admin have
// the rules of their parts.
func TestUserFacingRoles(t *testing.T) {
	t.Parallel()
	c, err := minik8s.New(minik8s.Options{})
	require.NoError(t, err)
	_, err = c.Settle(time.Minute)
	require.NoError(t, err)
	client := kubernetes.NewForConfigOrDie(c.RESTConfig())
	sizes := map[string]int{}
	for _, name := range []string{"view", "edit", "admin"} {
		role, err := client.RbacV1().ClusterRoles().Get(t.Context(), name, metav1.GetOptions{})
		require.NoError(t, err)
		sizes[name] = len(role.Rules)
	}
	require.Greater(t, sizes["view"], 5)
	require.Greater(t, sizes["edit"], sizes["view"])
	require.Greater(t, sizes["admin"], sizes["edit"])
}
