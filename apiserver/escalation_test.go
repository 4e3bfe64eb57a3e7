package apiserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Who may write roles gives away no more than they have.
func TestEscalation(t *testing.T) {
	w := newGuardedWorld(t)
	allOfRBAC := rule([]string{"create", "update", "patch", "get"}, []string{rbacv1.GroupName}, []string{"*"})
	w.clusterRole("rbac-writer", allOfRBAC, readsPods)
	w.clusterRole("pod-reader", readsPods)
	w.clusterRole("pod-deleter", rule([]string{"delete"}, []string{""}, []string{"pods"}))
	w.grant("eve", "", "rbac-writer")
	eve := w.as("eve")

	create := func(name string, rules ...rbacv1.PolicyRule) string {
		_, err := eve.create("clusterroles", "", &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules})
		return answer(err)
	}
	bind := func(name, namespace, kind, role string) string {
		_, err := eve.create("rolebindings", namespace, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: name}, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: role},
			Subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: "eve"}},
		})
		return answer(err)
	}
	require.Equal(t, "ok", create("mine", readsPods))
	require.Equal(t, `403 Forbidden: clusterroles.rbac.authorization.k8s.io "more" is forbidden: user "eve" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}`, create("more", readsPods, rule([]string{"get", "delete"}, []string{""}, []string{"pods"})))
	require.Equal(t, "ok", bind("a", "default", "ClusterRole", "pod-reader"))
	require.Equal(t, `403 Forbidden: rolebindings.rbac.authorization.k8s.io "b" is forbidden: user "eve" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:
{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}`, bind("b", "default", "ClusterRole", "pod-deleter"))
	require.Equal(t, `404 NotFound: role.rbac.authorization.k8s.io "none" not found`, bind("c", "default", "Role", "none"))

	mine := eve.get("clusterroles", "mine").DeepCopyObject().(*rbacv1.ClusterRole)
	mine.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"a": "b"}}}}
	_, err := eve.update("clusterroles", "", mine)
	require.Equal(t, `403 Forbidden: clusterroles.rbac.authorization.k8s.io "mine" is forbidden: must have cluster-admin privileges to use the aggregationRule`, answer(err))

	// The rights to do it all the same, which only others can give.
	w.clusterRole("binder", rule([]string{"bind"}, []string{rbacv1.GroupName}, []string{"clusterroles"}, "pod-deleter"))
	w.grant("eve", "default", "binder")
	require.Equal(t, "ok", bind("b", "default", "ClusterRole", "pod-deleter"))
	require.Contains(t, bind("b", "kube-system", "ClusterRole", "pod-deleter"), "not currently held")
	w.clusterRole("escalator", rule([]string{"escalate"}, []string{rbacv1.GroupName}, []string{"clusterroles"}))
	w.grant("eve", "", "escalator")
	require.Equal(t, "ok", create("more", rule([]string{"*"}, []string{"*"}, []string{"*"})))
}
