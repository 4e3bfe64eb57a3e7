package apiserver

import (
	"slices"
	"strings"
	"sync/atomic"

	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/nodeauth"
	"github.com/minik8s/minik8s/apiserver/rbac"
	"github.com/minik8s/minik8s/store"
)

// Authorize decides whether a request is allowed, by the world as it is now.
// It may be called from many goroutines at once.
//
// Upstream: pkg/kubeapiserver/authorizer (reload.go), with the modes Node and RBAC; webhooks and attribute files are left out.
func (s *Server) Authorize(a *auth.Attributes) auth.Decision {
	if s.Authorizer != nil {
		return s.Authorizer(a)
	}
	if slices.Contains(a.User.Groups, user.SystemPrivilegedGroup) {
		return auth.Decision{Allowed: true}
	}
	node := nodeauth.Authorize(a, s.Store)
	if node.Allowed {
		return node
	}
	d := s.policies.current(s.Store).Authorize(a)
	if !d.Allowed && node.Reason != "" {
		d.Reason = strings.Trim(node.Reason+"\n"+d.Reason, "\n")
	}
	return d
}

// authorize refuses a request that its user may not make. The simulator's own
// kinds are no business of the cluster's policy.
func (c *call) authorize(verb Verb) error {
	if c.req.Authorized && verb == c.req.Verb || c.Internal {
		return nil
	}
	c.asked = attributesOf(c.req, c.resource, verb)
	if d := c.Authorize(&c.asked); !d.Allowed {
		return auth.Forbidden(&c.asked, d.Reason)
	}
	return nil
}

// authorizeCreation is for an update or a patch that comes to create an
// object: that needs the right to create.
func (c *call) authorizeCreation() error {
	return c.authorize(Create)
}

func attributesOf(req *Request, r *resource, verb Verb) auth.Attributes {
	a := auth.Attributes{
		User: &req.User, Verb: string(verb),
		Group: req.Resource.Group, Resource: req.Resource.Resource, Subresource: req.Subresource,
		Namespace: req.Namespace, Name: req.Name,
	}
	if r.GroupResource == namespaces {
		a.Namespace = req.Name // a namespace is in itself
	}
	return a
}

// policies keeps the policy of a world, which is compiled when the world's
// roles or bindings have changed since it was asked last.
type policies struct{ kept atomic.Pointer[keptPolicy] }

// keptPolicy is the policy of the world at each revision from made to valid.
type keptPolicy struct {
	*rbac.Policy
	made  int64
	valid atomic.Int64
}

func keep(p *rbac.Policy, made, valid int64) *keptPolicy {
	k := &keptPolicy{Policy: p, made: made}
	k.valid.Store(valid)
	return k
}

func (p *policies) current(st *store.Store) *rbac.Policy {
	k := p.kept.Load()
	if k == nil || !k.holdsIn(st) {
		snapshot := st.Snapshot()
		k = keep(rbac.Compile(snapshot), snapshot.Revision(), snapshot.Revision())
		p.kept.Store(k)
	}
	return k.Policy
}

// holdsIn says whether no role and no binding has changed since the policy was
// made.
func (k *keptPolicy) holdsIn(st *store.Store) bool {
	valid := k.valid.Load()
	changes, err := st.ChangesAfter(valid)
	if err != nil || slices.ContainsFunc(changes, rbac.Concerns) {
		return false
	}
	if len(changes) > 0 {
		k.valid.CompareAndSwap(valid, changes[len(changes)-1].Revision)
	}
	return true
}

// in is what can be kept for another world, which shares the past with this
// one: the policy, if it had been made by the time the worlds part.
func (p *policies) in(st *store.Store) *policies {
	other := &policies{}
	if k := p.kept.Load(); k != nil && k.made <= st.Revision() {
		other.kept.Store(keep(k.Policy, k.made, min(k.valid.Load(), st.Revision())))
	}
	return other
}
