package apiserver

import (
	"cmp"
	"slices"
	"strings"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	"k8s.io/apimachinery/pkg/types"
	flowcontrolbootstrap "k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/store"
)

// Flow says which FlowSchema and which priority level a request belongs to. The
// UIDs are empty for those that every server has by itself, where they have been
// deleted.
type Flow struct{ Schema, Level types.UID }

// FlowOf sorts a request. It may be called from many goroutines at once.
//
// Upstream: k8s.io/apiserver/pkg/util/flowcontrol (startRequest), without any queue: the headers say where a request would have waited.
func (s *Server) FlowOf(a *auth.Attributes) Flow {
	flows := s.flows.of(s.Store)
	for i := range flows {
		if flows[i].matches(a) {
			return flows[i].Flow
		}
	}
	return Flow{} // of nobody: everyone else is in a group that the last one is for
}

// flow is a FlowSchema whose level exists.
type flow struct {
	Flow
	*flowcontrolv1.FlowSchema
}

func concernsFlows(c *store.Change) bool {
	return c.Object().Resource.Group == flowcontrolv1.GroupName
}

// readFlows are a world's FlowSchemas in the order in which they are asked, with
// those that cannot be missing.
func readFlows(from *store.Snapshot) []flow {
	levels := map[string]types.UID{}
	for _, level := range flowcontrolbootstrap.MandatoryPriorityLevelConfigurations {
		levels[level.Name] = ""
	}
	for o := range from.List(priorityLevels, "") {
		levels[o.Name] = o.Value.(*flowcontrolv1.PriorityLevelConfiguration).UID
	}
	var flows []flow
	add := func(schema *flowcontrolv1.FlowSchema) {
		if level, ok := levels[schema.Spec.PriorityLevelConfiguration.Name]; ok {
			flows = append(flows, flow{Flow{schema.UID, level}, schema})
		}
	}
	for o := range from.List(flowSchemas, "") {
		add(o.Value.(*flowcontrolv1.FlowSchema))
	}
	for _, mandatory := range flowcontrolbootstrap.MandatoryFlowSchemas {
		if !slices.ContainsFunc(flows, func(f flow) bool { return f.Name == mandatory.Name }) {
			add(mandatory)
		}
	}
	slices.SortFunc(flows, func(a, b flow) int {
		return cmp.Or(cmp.Compare(a.Spec.MatchingPrecedence, b.Spec.MatchingPrecedence), cmp.Compare(a.Name, b.Name))
	})
	return flows
}

// matches says whether one of the schema's rules is about the request.
//
// Upstream: k8s.io/apiserver/pkg/util/flowcontrol (matchesFlowSchema), complete.
func (f *flow) matches(a *auth.Attributes) bool {
	for i := range f.Spec.Rules {
		if rule := &f.Spec.Rules[i]; isForUser(rule, a.User) && isAbout(rule, a) {
			return true
		}
	}
	return false
}

func isForUser(rule *flowcontrolv1.PolicyRulesWithSubjects, u *User) bool {
	for i := range rule.Subjects {
		if isSubject(&rule.Subjects[i], u) {
			return true
		}
	}
	return false
}

func isAbout(rule *flowcontrolv1.PolicyRulesWithSubjects, a *auth.Attributes) bool {
	if !a.IsResource() {
		for i := range rule.NonResourceRules {
			if isAboutPath(&rule.NonResourceRules[i], a) {
				return true
			}
		}
		return false
	}
	for i := range rule.ResourceRules {
		if isAboutResource(&rule.ResourceRules[i], a) {
			return true
		}
	}
	return false
}

func isSubject(s *flowcontrolv1.Subject, u *User) bool {
	switch {
	case s.Kind == flowcontrolv1.SubjectKindUser && s.User != nil:
		return s.User.Name == flowcontrolv1.NameAll || s.User.Name == u.Name
	case s.Kind == flowcontrolv1.SubjectKindGroup && s.Group != nil:
		return s.Group.Name == "*" || u.In(s.Group.Name)
	case s.Kind == flowcontrolv1.SubjectKindServiceAccount && s.ServiceAccount != nil:
		account := s.ServiceAccount
		if account.Name != flowcontrolv1.NameAll {
			return serviceaccount.MatchesUsername(account.Namespace, account.Name, u.Name)
		}
		name, ok := strings.CutPrefix(u.Name, serviceaccount.ServiceAccountUsernamePrefix)
		namespace, _, _ := strings.Cut(name, ":")
		return ok && namespace == account.Namespace
	}
	return false
}

func isAboutResource(r *flowcontrolv1.ResourcePolicyRule, a *auth.Attributes) bool {
	if !hasOrAll(r.Verbs, a.Verb) || !hasOrAll(r.APIGroups, a.Group) || !isResourceIn(r.Resources, a) {
		return false
	}
	if a.Namespace == "" {
		return r.ClusterScope
	}
	return hasOrAll(r.Namespaces, a.Namespace)
}

// isResourceIn looks for "pods" or "pods/log", without putting it together.
func isResourceIn(resources []string, a *auth.Attributes) bool {
	if a.Subresource == "" {
		return hasOrAll(resources, a.Resource)
	}
	for _, listed := range resources {
		resource, subresource, _ := strings.Cut(listed, "/")
		if len(resources) == 1 && listed == flowcontrolv1.ResourceAll || resource == a.Resource && subresource == a.Subresource {
			return true
		}
	}
	return false
}

func isAboutPath(r *flowcontrolv1.NonResourcePolicyRule, a *auth.Attributes) bool {
	return hasOrAll(r.Verbs, a.Verb) && slices.ContainsFunc(r.NonResourceURLs, func(listed string) bool {
		if listed == flowcontrolv1.NonResourceAll || listed == a.Path {
			return true
		}
		// "/a", "/a/" and "/a/*" are all about "/a/b".
		rest, ok := strings.CutPrefix(a.Path, strings.TrimSuffix(strings.TrimSuffix(listed, "*"), "/"))
		return ok && strings.HasPrefix(rest, "/")
	})
}

// hasOrAll: a list of all has nothing else in it.
func hasOrAll(list []string, one string) bool {
	return len(list) == 1 && list[0] == "*" || slices.Contains(list, one)
}
