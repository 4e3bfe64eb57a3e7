package rbac_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	upstream "k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/rbac"
	"github.com/minik8s/minik8s/store"
)

// newPolicyWorld has the bootstrap policy, and bindings of every other form.
func newPolicyWorld(t *testing.T) *store.Snapshot {
	st := store.New()
	put := func(gr schema.GroupResource, o metav1.Object) {
		require.NoError(t, st.Write(func(tx *store.Tx) error {
			return tx.Put(&store.Object{Resource: gr, Namespace: o.GetNamespace(), Name: o.GetName(), Value: o}, 0, store.Origin{})
		}))
	}
	b := rbac.NewBootstrap()
	for _, o := range b.ClusterRoles {
		put(rbac.ClusterRoles, o)
	}
	for _, o := range b.ClusterRoleBindings {
		put(rbac.ClusterRoleBindings, o)
	}
	for _, o := range b.Roles {
		put(rbac.Roles, o)
	}
	for _, o := range b.RoleBindings {
		put(rbac.RoleBindings, o)
	}
	bind := func(name, kind, role string, subjects ...rbacv1.Subject) {
		put(rbac.RoleBindings, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: "dev", Name: name},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: role}, Subjects: subjects,
		})
	}
	put(rbac.Roles, &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: "dev", Name: "odd"}, Rules: []rbacv1.PolicyRule{
		{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"*/log", "pods/exec"}},
		{Verbs: []string{"update"}, APIGroups: []string{"apps"}, Resources: []string{"deployments/*"}, ResourceNames: []string{"web"}},
		{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"configmaps"}, ResourceNames: []string{"a", "b"}},
	}})
	user := rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: "eve"}
	group := rbacv1.Subject{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: "system:serviceaccounts:dev"}
	robot := rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Name: "robot"}
	bind("odd", "Role", "odd", group, user, robot)
	bind("missing", "Role", "none", user)
	bind("view", "ClusterRole", "system:aggregate-to-view", robot)
	return st.Snapshot()
}

// What is found by subject is what upstream finds by going through everything,
// with the same reasons.
func TestPolicyIsUpstreams(t *testing.T) {
	from := newPolicyWorld(t)
	policy, resolver := rbac.Compile(from), rbac.Resolver(from)
	users := []auth.User{
		{Name: "eve", Groups: []string{"system:authenticated"}},
		auth.Anonymous(),
		{Name: "root", Groups: []string{"kubeadm:cluster-admins", "system:masters"}},
		{Name: "system:kube-scheduler", Groups: []string{"system:authenticated"}},
		{Name: "system:serviceaccount:dev:robot", Groups: []string{"system:serviceaccounts", "system:serviceaccounts:dev", "system:authenticated"}},
		{Name: "system:serviceaccount:kube-system:deployment-controller", Groups: []string{"system:serviceaccounts", "system:authenticated"}},
	}
	asked, allowed := 0, 0
	for _, u := range users {
		for _, a := range requests() {
			a.User = &u
			want := upstreamDecides(resolver, &a)
			require.Equal(t, want, policy.Authorize(&a), fmt.Sprintf("%s %+v", u.Name, a))
			asked++
			if want.Allowed {
				allowed++
			}
		}
	}
	require.Greater(t, allowed, 50)
	require.Greater(t, asked-allowed, 50)
}

func requests() (all []auth.Attributes) {
	for _, verb := range []string{"get", "list", "create", "update", "delete"} {
		for _, path := range []string{"/healthz", "/apis/apps/v1", "/metrics", "/nowhere"} {
			all = append(all, auth.Attributes{Verb: verb, Path: path})
		}
		for _, namespace := range []string{"", "dev", "kube-system"} {
			for _, what := range []auth.Attributes{
				{Resource: "pods"}, {Resource: "pods", Subresource: "log"}, {Resource: "pods", Subresource: "exec"},
				{Resource: "pods", Subresource: "binding"}, {Resource: "events"},
				{Group: "apps", Resource: "deployments", Subresource: "scale", Name: "web"},
				{Group: "apps", Resource: "replicasets"}, {Resource: "configmaps", Name: "a"}, {Resource: "configmaps", Name: "extension-apiserver-authentication"},
			} {
				what.Verb, what.Namespace = verb, namespace
				all = append(all, what)
			}
		}
	}
	return all
}

// upstreamDecides asks upstream's own authoriser.
func upstreamDecides(r upstream.RequestToRuleMapper, a *auth.Attributes) auth.Decision {
	asked := authorizer.AttributesRecord{
		User: a.User.Info(), Verb: a.Verb, APIGroup: a.Group, Resource: a.Resource, Subresource: a.Subresource,
		Namespace: a.Namespace, Name: a.Name, Path: a.Path, ResourceRequest: a.IsResource(),
	}
	var d auth.Decision
	var missing []error
	r.VisitRulesFor(context.Background(), asked.User, a.Namespace, func(source fmt.Stringer, rule *rbacv1.PolicyRule, err error) bool {
		if err != nil {
			missing = append(missing, err)
		}
		if rule != nil && upstream.RuleAllows(asked, rule) {
			d = auth.Decision{Allowed: true, Reason: "RBAC: allowed by " + source.String()}
		}
		return !d.Allowed
	})
	if !d.Allowed && len(missing) > 0 {
		d.Reason = fmt.Sprintf("RBAC: %v", utilerrors.NewAggregate(missing))
	}
	return d
}
