package apiserver

import (
	"slices"
	"strings"

	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/nodeauth"
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
	d := s.policy.of(s.Store).Authorize(a)
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
