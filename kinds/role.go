package kinds

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/rbac"
	rbacv1conv "k8s.io/kubernetes/pkg/apis/rbac/v1"
	"k8s.io/kubernetes/pkg/apis/rbac/validation"
)

// A Role is a list of things that may be done in its namespace.
//
// Upstream: pkg/registry/rbac/role (strategy), complete.
func role() *Kind {
	roles := versions[rbacv1.Role, rbac.Role]{
		toInternal:   rbacv1conv.Convert_v1_Role_To_rbac_Role,
		fromInternal: rbacv1conv.Convert_rbac_Role_To_v1_Role,
	}
	return &Kind{
		GroupVersionKind: rbacv1.SchemeGroupVersion.WithKind("Role"),
		Resource:         "roles",
		Singular:         "role",
		Namespaced:       true,

		New:     func() Object { return &rbacv1.Role{} },
		Default: roles.defaults,

		Validate:                 roles.validate(validation.ValidateRole),
		ValidateUpdate:           roles.validateUpdate(validation.ValidateRoleUpdate),
		AllowUnconditionalUpdate: true,
		AllowCreateOnUpdate:      true,
		PlainTable:               true,
	}
}

// A ClusterRole is a Role for all namespaces, or for what is in none. Its
// rules may be put together from those of other ClusterRoles.
//
// Upstream: pkg/registry/rbac/clusterrole (strategy), complete.
func clusterRole() *Kind {
	roles := versions[rbacv1.ClusterRole, rbac.ClusterRole]{
		toInternal:    rbacv1conv.Convert_v1_ClusterRole_To_rbac_ClusterRole,
		fromInternal:  rbacv1conv.Convert_rbac_ClusterRole_To_v1_ClusterRole,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: rbacv1.SchemeGroupVersion.WithKind("ClusterRole"),
		Resource:         "clusterroles",
		Singular:         "clusterrole",

		New:     func() Object { return &rbacv1.ClusterRole{} },
		Default: roles.defaults,

		Validate: roles.validate(func(r *rbac.ClusterRole) field.ErrorList {
			return validation.ValidateClusterRole(r, validation.ClusterRoleValidationOptions{})
		}),
		ValidateUpdate: roles.validateUpdate(func(r, old *rbac.ClusterRole) field.ErrorList {
			return validation.ValidateClusterRoleUpdate(r, old, validation.ClusterRoleValidationOptions{
				AllowInvalidLabelValueInSelector: aggregatesInvalidly(old.AggregationRule),
			})
		}),
		AllowUnconditionalUpdate: true,
		AllowCreateOnUpdate:      true,
		PlainTable:               true,
	}
}

func aggregatesInvalidly(rule *rbac.AggregationRule) bool {
	if rule == nil {
		return false
	}
	for i := range rule.ClusterRoleSelectors {
		if invalidSelector(&rule.ClusterRoleSelectors[i]) {
			return true
		}
	}
	return false
}
