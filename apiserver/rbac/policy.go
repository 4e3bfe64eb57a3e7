package rbac

import (
	"fmt"
	"slices"
	"sync"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/store"
)

// The resources that a policy is made of.
var (
	Roles               = schema.GroupResource{Group: rbacv1.GroupName, Resource: "roles"}
	ClusterRoles        = schema.GroupResource{Group: rbacv1.GroupName, Resource: "clusterroles"}
	RoleBindings        = schema.GroupResource{Group: rbacv1.GroupName, Resource: "rolebindings"}
	ClusterRoleBindings = schema.GroupResource{Group: rbacv1.GroupName, Resource: "clusterrolebindings"}
)

// Concerns says whether a change makes another policy.
func Concerns(change *store.Change) bool { return change.Object().Resource.Group == rbacv1.GroupName }

// Policy is all roles and bindings of a world at one moment, arranged by who
// they are for. It may be asked from many goroutines at once.
type Policy struct {
	byUser, byGroup map[string][]*grant // service accounts are users here

	mu       sync.RWMutex
	subjects map[string]*subject // what was worked out, by user name
}

// grant is what one binding gives to one of its subjects.
type grant struct {
	order     int    // of the binding: cluster-wide ones first, then by namespace and name
	place     int    // of the subject in the binding
	namespace string // empty: in all of them
	rules     []rbacv1.PolicyRule
	missing   error  // why there are no rules
	reason    string // why something was allowed
}

// Compile makes a policy of the world in a snapshot.
func Compile(from *store.Snapshot) *Policy {
	p := &Policy{byUser: map[string][]*grant{}, byGroup: map[string][]*grant{}, subjects: map[string]*subject{}}
	roles := resolver{from}
	order := 0
	for o := range from.List(ClusterRoleBindings, "") {
		b := o.Value.(*rbacv1.ClusterRoleBinding)
		rules, err := roles.rules(b.RoleRef, "")
		p.add(grant{order: order, rules: rules, missing: err}, b.Subjects, fmt.Sprintf("ClusterRoleBinding %q of %s %q", b.Name, b.RoleRef.Kind, b.RoleRef.Name))
		order++
	}
	for o := range from.List(RoleBindings, "") {
		b := o.Value.(*rbacv1.RoleBinding)
		rules, err := roles.rules(b.RoleRef, b.Namespace)
		// The name before the namespace is how upstream writes it.
		p.add(grant{order: order, namespace: b.Namespace, rules: rules, missing: err}, b.Subjects, fmt.Sprintf("RoleBinding %q of %s %q", b.Name+"/"+b.Namespace, b.RoleRef.Kind, b.RoleRef.Name))
		order++
	}
	return p
}

// add arranges one binding by its subjects.
func (p *Policy) add(g grant, subjects []rbacv1.Subject, binding string) {
	for i := range subjects {
		s, one := &subjects[i], g
		one.place = i
		one.reason = "RBAC: allowed by " + binding + " to " + describe(s, g.namespace)
		switch s.Kind {
		case rbacv1.UserKind:
			p.byUser[s.Name] = append(p.byUser[s.Name], &one)
		case rbacv1.GroupKind:
			p.byGroup[s.Name] = append(p.byGroup[s.Name], &one)
		case rbacv1.ServiceAccountKind:
			if namespace := subjectNamespace(s, g.namespace); namespace != "" {
				name := serviceaccount.MakeUsername(namespace, s.Name)
				p.byUser[name] = append(p.byUser[name], &one)
			}
		}
	}
}

// subjectNamespace is where a service account is: in the binding's namespace
// unless it says otherwise.
func subjectNamespace(s *rbacv1.Subject, binding string) string {
	if s.Namespace != "" {
		return s.Namespace
	}
	return binding
}

func describe(s *rbacv1.Subject, binding string) string {
	if s.Kind == rbacv1.ServiceAccountKind {
		return fmt.Sprintf("%s %q", s.Kind, s.Name+"/"+subjectNamespace(s, binding))
	}
	return fmt.Sprintf("%s %q", s.Kind, s.Name)
}

// Authorize decides about a request.
//
// Upstream: plugin/pkg/auth/authorizer/rbac (RBACAuthorizer), which asks all bindings each time; what is found here is the same.
func (p *Policy) Authorize(a *auth.Attributes) auth.Decision { return p.subject(a.User).authorize(a) }

// mostSubjects bounds what is remembered: anyone can be asked about.
const mostSubjects = 4096

// subject finds what a user is granted, and remembers it.
func (p *Policy) subject(u *auth.User) *subject {
	p.mu.RLock()
	known := p.subjects[u.Name]
	p.mu.RUnlock()
	if known != nil && slices.Equal(known.groups, u.Groups) {
		return known
	}
	s := p.newSubject(u)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.subjects) >= mostSubjects {
		clear(p.subjects)
	}
	p.subjects[u.Name] = s
	return s
}
