package rbac

import (
	"context"
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"

	"github.com/minik8s/minik8s/store"
)

// Resolver answers upstream's questions about rules, as those about
// escalation, from the world in a snapshot. It goes through all bindings; for
// single requests there is Policy.
func Resolver(from *store.Snapshot) validation.AuthorizationRuleResolver {
	r := resolver{from}
	return validation.NewDefaultRuleResolver(r, r, r, r)
}

type resolver struct{ from *store.Snapshot }

// rules are those of the role that a binding names.
func (r resolver) rules(ref rbacv1.RoleRef, namespace string) ([]rbacv1.PolicyRule, error) {
	switch ref.Kind {
	case "Role":
		role, err := r.GetRole(context.Background(), namespace, ref.Name)
		if err != nil {
			return nil, err
		}
		return role.Rules, nil
	case "ClusterRole":
		role, err := r.GetClusterRole(context.Background(), ref.Name)
		if err != nil {
			return nil, err
		}
		return role.Rules, nil
	}
	return nil, fmt.Errorf("unsupported role reference kind: %q", ref.Kind)
}

// notFound names a kind in the singular, as upstream's listers do.
func notFound(singular, name string) error {
	return apierrors.NewNotFound(schema.GroupResource{Group: rbacv1.GroupName, Resource: singular}, name)
}

func (r resolver) GetRole(_ context.Context, namespace, name string) (*rbacv1.Role, error) {
	if o := r.from.Get(Roles, namespace, name); o != nil {
		return o.Value.(*rbacv1.Role), nil
	}
	return nil, notFound("role", name)
}

func (r resolver) GetClusterRole(_ context.Context, name string) (*rbacv1.ClusterRole, error) {
	if o := r.from.Get(ClusterRoles, "", name); o != nil {
		return o.Value.(*rbacv1.ClusterRole), nil
	}
	return nil, notFound("clusterrole", name)
}

func (r resolver) ListRoleBindings(_ context.Context, namespace string) ([]*rbacv1.RoleBinding, error) {
	var all []*rbacv1.RoleBinding
	for o := range r.from.List(RoleBindings, namespace) {
		all = append(all, o.Value.(*rbacv1.RoleBinding))
	}
	return all, nil
}

func (r resolver) ListClusterRoleBindings(context.Context) ([]*rbacv1.ClusterRoleBinding, error) {
	var all []*rbacv1.ClusterRoleBinding
	for o := range r.from.List(ClusterRoleBindings, "") {
		all = append(all, o.Value.(*rbacv1.ClusterRoleBinding))
	}
	return all, nil
}
