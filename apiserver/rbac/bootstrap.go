package rbac

import (
	"maps"
	"slices"
	"sync"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
)

// Bootstrap is what a cluster's policy begins with.
type Bootstrap struct {
	ClusterRoles        []*rbacv1.ClusterRole
	ClusterRoleBindings []*rbacv1.ClusterRoleBinding
	Roles               []*rbacv1.Role
	RoleBindings        []*rbacv1.RoleBinding
}

// bootstrap depends on nothing but the program, so all worlds of a process
// share its rules.
var bootstrap = sync.OnceValue(func() Bootstrap {
	b := Bootstrap{
		ClusterRoles:        pointers(bootstrappolicy.ClusterRoles(), bootstrappolicy.ControllerRoles(), []rbacv1.ClusterRole{kubeadmGetNodes()}),
		ClusterRoleBindings: pointers(bootstrappolicy.ClusterRoleBindings(), bootstrappolicy.ControllerRoleBindings(), kubeadmBindings()),
	}
	roles, bindings := bootstrappolicy.NamespaceRoles(), bootstrappolicy.NamespaceRoleBindings()
	for _, namespace := range slices.Sorted(maps.Keys(roles)) {
		b.Roles = append(b.Roles, pointers(roles[namespace])...)
	}
	for _, namespace := range slices.Sorted(maps.Keys(bindings)) {
		b.RoleBindings = append(b.RoleBindings, pointers(bindings[namespace])...)
	}
	return b
})

// NewBootstrap returns the roles and bindings that upstream creates when its
// API server starts, in the order in which it does, and those with which kubeadm
// makes its users administrators and lets nodes join. The objects are the
// caller's, but for their rules, which are frozen.
//
// Upstream: pkg/registry/rbac/rest (PolicyData), created once instead of mended at every start.
func NewBootstrap() Bootstrap {
	b := bootstrap()
	return Bootstrap{
		ClusterRoles: copies(b.ClusterRoles, func(r *rbacv1.ClusterRole) *rbacv1.ClusterRole {
			return &rbacv1.ClusterRole{ObjectMeta: *r.ObjectMeta.DeepCopy(), Rules: r.Rules, AggregationRule: r.AggregationRule}
		}),
		ClusterRoleBindings: copies(b.ClusterRoleBindings, (*rbacv1.ClusterRoleBinding).DeepCopy),
		Roles:               copies(b.Roles, (*rbacv1.Role).DeepCopy),
		RoleBindings:        copies(b.RoleBindings, (*rbacv1.RoleBinding).DeepCopy),
	}
}

func pointers[T any](lists ...[]T) []*T {
	var all []*T
	for _, list := range lists {
		for i := range list {
			all = append(all, &list[i])
		}
	}
	return all
}

func copies[T any](all []*T, one func(*T) *T) []*T {
	out := make([]*T, len(all))
	for i, v := range all {
		out[i] = one(v)
	}
	return out
}
