package kinds

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/kubernetes/pkg/apis/rbac"
	rbacv1conv "k8s.io/kubernetes/pkg/apis/rbac/v1"
	"k8s.io/kubernetes/pkg/apis/rbac/validation"
)

// A RoleBinding gives a role to users, groups and service accounts, in its
// namespace. Which role it gives never changes.
//
// Upstream: pkg/registry/rbac/rolebinding (strategy), complete.
func roleBinding() *Kind {
	bindings := versions[rbacv1.RoleBinding, rbac.RoleBinding]{
		toInternal:   rbacv1conv.Convert_v1_RoleBinding_To_rbac_RoleBinding,
		fromInternal: rbacv1conv.Convert_rbac_RoleBinding_To_v1_RoleBinding,
	}
	return &Kind{
		GroupVersionKind: rbacv1.SchemeGroupVersion.WithKind("RoleBinding"),
		Resource:         "rolebindings",
		Singular:         "rolebinding",
		Namespaced:       true,

		New:     func() Object { return &rbacv1.RoleBinding{} },
		Default: bindings.defaults,

		Validate:                 bindings.validate(validation.ValidateRoleBinding),
		ValidateUpdate:           bindings.validateUpdate(validation.ValidateRoleBindingUpdate),
		AllowUnconditionalUpdate: true,
		AllowCreateOnUpdate:      true,
	}
}

// A ClusterRoleBinding gives a ClusterRole in the whole cluster.
//
// Upstream: pkg/registry/rbac/clusterrolebinding (strategy), complete.
func clusterRoleBinding() *Kind {
	bindings := versions[rbacv1.ClusterRoleBinding, rbac.ClusterRoleBinding]{
		toInternal:    rbacv1conv.Convert_v1_ClusterRoleBinding_To_rbac_ClusterRoleBinding,
		fromInternal:  rbacv1conv.Convert_rbac_ClusterRoleBinding_To_v1_ClusterRoleBinding,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: rbacv1.SchemeGroupVersion.WithKind("ClusterRoleBinding"),
		Resource:         "clusterrolebindings",
		Singular:         "clusterrolebinding",

		New:     func() Object { return &rbacv1.ClusterRoleBinding{} },
		Default: bindings.defaults,

		Validate:                 bindings.validate(validation.ValidateClusterRoleBinding),
		ValidateUpdate:           bindings.validateUpdate(validation.ValidateClusterRoleBindingUpdate),
		AllowUnconditionalUpdate: true,
		AllowCreateOnUpdate:      true,
	}
}
