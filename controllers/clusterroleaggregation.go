package controllers

import (
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/minik8s/minik8s/reconcile"
)

// ClusterRoleAggregation puts the rules of ClusterRoles with an aggregation
// rule together from those that they select: "view" from all that say they
// belong to it, so that whoever brings a new kind brings what its readers may.
//
// Upstream: pkg/controller/clusterroleaggregation, which applies the rules where this updates the role.
func ClusterRoleAggregation() reconcile.Component {
	return reconcile.Component{
		Name: "clusterrole-aggregation-controller",
		User: "system:serviceaccount:kube-system:clusterrole-aggregation-controller",
		For:  reconcile.ClusterRoles.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Mapped(reconcile.ClusterRoles.GroupResource, aggregatesOf),
		},
		Reconcile: aggregateClusterRole,
	}
}

// aggregatesOf are the aggregated roles that a role is, or is a part of.
func aggregatesOf(v reconcile.View, o reconcile.Object) []reconcile.Key {
	var keys []reconcile.Key
	for _, role := range reconcile.ClusterRoles.List(v) {
		if role.AggregationRule != nil && (role.Name == o.GetName() || selectsRole(role, labels.Set(o.GetLabels()))) {
			keys = append(keys, reconcile.KeyOf(role))
		}
	}
	return keys
}

func selectsRole(role *rbacv1.ClusterRole, of labels.Set) bool {
	return slices.ContainsFunc(role.AggregationRule.ClusterRoleSelectors, func(s metav1.LabelSelector) bool {
		selector, err := metav1.LabelSelectorAsSelector(&s)
		return err == nil && selector.Matches(of)
	})
}

func aggregateClusterRole(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	var plan reconcile.Plan
	role, ok := reconcile.ClusterRoles.Get(v, req.Key)
	if !ok || role.AggregationRule == nil {
		return plan, nil
	}
	rules, err := aggregatedRules(v, role)
	if err != nil {
		return plan, err
	}
	if equality.Semantic.DeepEqual(rules, role.Rules) {
		return plan, nil
	}
	updated := role.DeepCopy()
	updated.Rules = rules
	plan.Update(updated, "%d rules come from the roles that it selects", len(rules))
	return plan, nil
}

// aggregatedRules are the rules of the selected roles, each once, in the order
// of selectors and of names.
func aggregatedRules(v reconcile.View, role *rbacv1.ClusterRole) ([]rbacv1.PolicyRule, error) {
	var rules []rbacv1.PolicyRule
	for i := range role.AggregationRule.ClusterRoleSelectors {
		selector, err := metav1.LabelSelectorAsSelector(&role.AggregationRule.ClusterRoleSelectors[i])
		if err != nil {
			return nil, fmt.Errorf("selector %d of the aggregation rule: %w", i, err)
		}
		for _, part := range reconcile.ClusterRoles.List(v) {
			if part.Name == role.Name || !selector.Matches(labels.Set(part.Labels)) {
				continue
			}
			for _, rule := range part.Rules {
				if !slices.ContainsFunc(rules, func(r rbacv1.PolicyRule) bool { return equality.Semantic.DeepEqual(r, rule) }) {
					rules = append(rules, rule)
				}
			}
		}
	}
	return rules, nil
}
