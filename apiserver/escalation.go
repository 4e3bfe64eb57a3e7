package apiserver

import (
	"context"
	"errors"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
	rbacregistry "k8s.io/kubernetes/pkg/registry/rbac"
	"k8s.io/kubernetes/pkg/registry/rbac/validation"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/rbac"
	"github.com/minik8s/minik8s/kinds"
)

// checkEscalation refuses roles and bindings that would give away more than
// their writer has, unless the writer may "escalate" roles or "bind" this one.
// old is nil for a new object.
//
// Upstream: pkg/registry/rbac (policybased Storage), complete.
func (c *call) checkEscalation(obj, old kinds.Object) error {
	if c.Group != rbacv1.GroupName || c.Authorizer != nil || c.req.User.In(user.SystemPrivilegedGroup) {
		return nil
	}
	if old != nil && rbacregistry.IsOnlyMutatingGCFields(obj, old, equality.Semantic) {
		return nil
	}
	switch o := obj.(type) {
	case *rbacv1.Role:
		return c.checkRole(o.Name, o.Rules, false)
	case *rbacv1.ClusterRole:
		aggregates := hasAggregationRule(o)
		if before, ok := old.(*rbacv1.ClusterRole); ok && hasAggregationRule(before) {
			aggregates = true
		}
		return c.checkRole(o.Name, o.Rules, aggregates)
	case *rbacv1.RoleBinding:
		return c.checkBinding(o.Name, o.RoleRef)
	case *rbacv1.ClusterRoleBinding:
		return c.checkBinding(o.Name, o.RoleRef)
	}
	return nil
}

func hasAggregationRule(r *rbacv1.ClusterRole) bool {
	return r.AggregationRule != nil && len(r.AggregationRule.ClusterRoleSelectors) > 0
}

// everything is what one must have to let a role gather rules from others.
var everything = []rbacv1.PolicyRule{
	{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}},
	{Verbs: []string{"*"}, NonResourceURLs: []string{"*"}},
}

func (c *call) checkRole(name string, rules []rbacv1.PolicyRule, aggregates bool) error {
	if c.may("escalate", c.GroupResource.Resource, c.req.Namespace, c.req.Name) {
		return nil
	}
	if err := c.confirmNoEscalation(rules); err != nil {
		return c.forbidden(name, err)
	}
	if aggregates && c.confirmNoEscalation(everything) != nil {
		return c.forbidden(name, errors.New("must have cluster-admin privileges to use the aggregationRule"))
	}
	return nil
}

func (c *call) checkBinding(name string, ref rbacv1.RoleRef) error {
	resource := map[string]string{"Role": rbac.Roles.Resource, "ClusterRole": rbac.ClusterRoles.Resource}[ref.Kind]
	if resource != "" && c.may("bind", resource, c.req.Namespace, ref.Name) {
		return nil
	}
	rules, err := rbac.Resolver(c.Store.Snapshot()).GetRoleReferenceRules(context.Background(), ref, c.req.Namespace)
	if err != nil {
		return err
	}
	if err := c.confirmNoEscalation(rules); err != nil {
		return c.forbidden(name, err)
	}
	return nil
}

// may asks about another thing in the group of roles.
func (c *call) may(verb, resource, namespace, name string) bool {
	return c.Authorize(&auth.Attributes{
		User: &c.req.User, Verb: verb, Group: rbacv1.GroupName, Resource: resource, Namespace: namespace, Name: name,
	}).Allowed
}

// confirmNoEscalation says which of the rules the user does not have.
func (c *call) confirmNoEscalation(rules []rbacv1.PolicyRule) error {
	ctx := request.WithNamespace(request.WithUser(context.Background(), c.req.User.Info()), c.req.Namespace)
	return validation.ConfirmNoEscalation(ctx, rbac.Resolver(c.Store.Snapshot()), rules)
}
