package rbac

import (
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	rules "k8s.io/kubernetes/pkg/apis/rbac/v1"

	"github.com/minik8s/minik8s/apiserver/auth"
)

// Allow says whether one of the rules allows a request. It allocates nothing.
//
// Upstream: plugin/pkg/auth/authorizer/rbac (RulesAllow), complete.
func Allow(all []rbacv1.PolicyRule, a *auth.Attributes) bool {
	for i := range all {
		rule := &all[i]
		if !rules.VerbMatches(rule, a.Verb) {
			continue
		}
		if !a.IsResource() {
			if rules.NonResourceURLMatches(rule, a.Path) {
				return true
			}
			continue
		}
		if rules.APIGroupMatches(rule, a.Group) && resourceMatches(rule, a) && rules.ResourceNameMatches(rule, a.Name) {
			return true
		}
	}
	return false
}

// resourceMatches is upstream's ResourceMatches without putting the name
// together: "pods", "pods/log", "*" or "*/scale".
func resourceMatches(rule *rbacv1.PolicyRule, a *auth.Attributes) bool {
	for _, allowed := range rule.Resources {
		switch {
		case allowed == rbacv1.ResourceAll:
			return true
		case a.Subresource == "":
			if allowed == a.Resource {
				return true
			}
		default:
			resource, subresource, _ := strings.Cut(allowed, "/")
			if subresource == a.Subresource && (resource == a.Resource || resource == rbacv1.ResourceAll) {
				return true
			}
		}
	}
	return false
}
