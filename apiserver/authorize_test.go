package apiserver

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/minik8s/minik8s/apiserver/auth"
)

// newGuardedWorld has the bootstrap policy, and is asked by an administrator.
func newGuardedWorld(t testing.TB) *world {
	w := newEmptyWorld(t)
	require.NoError(t, w.Bootstrap())
	w.Authorizer = nil
	w.user = User{Name: "root", Groups: []string{"kubeadm:cluster-admins", user.AllAuthenticated}}
	return w
}

// as is the same world, asked by somebody else.
func (w *world) as(name string, groups ...string) *world {
	other := *w
	other.user = auth.Authenticated(User{Name: name, Groups: groups})
	return &other
}

// grant gives a user a role in a namespace, or, if that is empty, everywhere.
func (w *world) grant(name, namespace, role string) {
	w.Helper()
	meta := metav1.ObjectMeta{Name: name + "-" + role, Namespace: namespace}
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role}
	subjects := []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: name}}
	if namespace == "" {
		w.mustCreate("clusterrolebindings", "", &rbacv1.ClusterRoleBinding{ObjectMeta: meta, RoleRef: ref, Subjects: subjects})
		return
	}
	w.mustCreate("rolebindings", namespace, &rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: ref, Subjects: subjects})
}

func (w *world) clusterRole(name string, rules ...rbacv1.PolicyRule) {
	w.Helper()
	w.mustCreate("clusterroles", "", &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules})
}

func rule(verbs, groups, resources []string, names ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: verbs, APIGroups: groups, Resources: resources, ResourceNames: names}
}

var readsPods = rule([]string{"get", "list", "watch"}, []string{""}, []string{"pods"})

func TestForbidden(t *testing.T) {
	w := newGuardedWorld(t)
	eve := w.as("eve")
	_, err := eve.Do(eve.request(List, "pods", "default/"))
	require.Equal(t, `403 Forbidden: pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "default"`, answer(err))
	_, err = eve.Do(eve.request(Get, "deployments", "default/web"))
	require.Equal(t, `403 Forbidden: deployments.apps "web" is forbidden: User "eve" cannot get resource "deployments" in API group "apps" in the namespace "default"`, answer(err))
	_, err = eve.Do(eve.request(List, "nodes", ""))
	require.Equal(t, `403 Forbidden: nodes is forbidden: User "eve" cannot list resource "nodes" in API group "" at the cluster scope`, answer(err))
	_, err = eve.patch("pods", "default/a<b", "status", "", "{}")
	require.Equal(t, `403 Forbidden: pods "a<b" is forbidden: User "eve" cannot patch resource "pods/status" in API group "" in the namespace "default"`, answer(err))
	_, err = eve.Select(eve.request(List, "pods", ""))
	require.Equal(t, `403 Forbidden: pods is forbidden: User "eve" cannot watch resource "pods" in API group "" at the cluster scope`, answer(err))
}

// A request is judged by the newest roles and bindings.
func TestPolicyIsUpToDate(t *testing.T) {
	w := newGuardedWorld(t)
	eve := w.as("eve")
	list := func(namespace string) string {
		_, err := eve.Do(eve.request(List, "pods", namespace+"/"))
		return answer(err)
	}
	w.clusterRole("reader", readsPods)
	w.grant("eve", "default", "reader")
	require.Equal(t, "ok", list("default"))
	require.Contains(t, list("kube-system"), "403")
	w.mustCreate("configmaps", "default", &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "c"}}) // concerns nobody
	require.Equal(t, "ok", list("default"))

	_, err := w.delete("clusterroles", "reader", nil)
	require.NoError(t, err)
	require.Equal(t, `403 Forbidden: pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "default": RBAC: clusterrole.rbac.authorization.k8s.io "reader" not found`, list("default"))
}

// A namespace is in itself, so that it can be read by those who may read there.
func TestNamespaceIsInItself(t *testing.T) {
	w := newGuardedWorld(t)
	w.clusterRole("looker", rule([]string{"get"}, []string{""}, []string{"namespaces"}))
	w.grant("eve", "default", "looker")
	eve := w.as("eve")
	require.NotNil(t, eve.get("namespaces", "default"))
	require.Nil(t, eve.get("namespaces", "kube-system"))
}

func TestCreationByOtherMeansNeedsTheRightToCreate(t *testing.T) {
	w := newGuardedWorld(t)
	w.clusterRole("changer", rule([]string{"patch", "update"}, []string{"", "coordination.k8s.io"}, []string{"configmaps", "leases"}))
	w.grant("eve", "default", "changer")
	eve := w.as("eve")
	_, err := eve.apply("me", "configmaps", "default/c", configMap("a: '1'"))
	require.Equal(t, `403 Forbidden: configmaps "c" is forbidden: User "eve" cannot create resource "configmaps" in API group "" in the namespace "default"`, answer(err))
	_, err = eve.update("leases", "", &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "l"}})
	require.Equal(t, `403 Forbidden: leases.coordination.k8s.io "l" is forbidden: User "eve" cannot create resource "leases" in API group "coordination.k8s.io" in the namespace "default"`, answer(err))
}

// Worlds that part have policies of their own, also if one was made before.
func TestForksHavePoliciesOfTheirOwn(t *testing.T) {
	w := newGuardedWorld(t)
	w.clusterRole("reader", readsPods)
	ask := func(s *Server) string {
		eve := w.as("eve")
		eve.Server = s
		_, err := eve.Do(eve.request(List, "pods", "default/"))
		return strings.Fields(answer(err))[0]
	}
	inFork := func() *Server { return w.Server.In(w.Store.Fork(), func() time.Time { return w.now }) }
	require.Equal(t, "403", ask(w.Server))
	before := inFork()
	w.grant("eve", "default", "reader")
	require.Equal(t, "ok", ask(w.Server))
	require.Equal(t, "403", ask(before))

	// A world that goes back to before the policy was made.
	past, err := w.Store.At(w.revision() - 1)
	require.NoError(t, err)
	earlier := w.Server.In(w.Store.ForkAt(past), func() time.Time { return w.now })
	require.Equal(t, "403", ask(earlier))
	require.Equal(t, "ok", ask(inFork()))
}

func TestInternalKindsAreNobodysBusiness(t *testing.T) {
	w := newGuardedWorld(t)
	eve := w.as("eve")
	_, err := eve.Do(eve.request(List, "machines", ""))
	require.NoError(t, err)
}

// An ordinary write of a component pays for authorisation with a look-up.
func BenchmarkAuthorize(b *testing.B) {
	w := newGuardedWorld(b)
	for _, u := range []User{
		auth.Authenticated(User{Name: "system:serviceaccount:kube-system:replicaset-controller", Groups: []string{"system:serviceaccounts", "system:serviceaccounts:kube-system"}}),
		auth.Authenticated(User{Name: "system:node:node-1", Groups: []string{"system:nodes"}}),
	} {
		a := auth.Attributes{User: &u, Verb: "patch", Resource: "pods", Subresource: "status", Namespace: "default", Name: "web"}
		b.Run(u.Name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				w.Server.Authorize(&a)
			}
		})
	}
}

func BenchmarkBootstrap(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		w := newEmptyWorld(b)
		require.NoError(b, w.Bootstrap())
	}
}
