package wire

import (
	"net/http"
	"slices"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/auth"
)

// authorize refuses what a user may not do. It is asked before it is known
// whether there is anything at a path, so that a refusal does not tell.
func (s *server) authorize(w http.ResponseWriter, a *auth.Attributes) error {
	d := s.Server.Authorize(a)
	noteDecision(w, d)
	if !d.Allowed {
		return auth.Forbidden(a, d.Reason)
	}
	return nil
}

// The headers by which clients learn where their requests wait, as net/http
// spells them.
const (
	flowSchemaHeader    = "X-Kubernetes-Pf-Flowschema-Uid"
	priorityLevelHeader = "X-Kubernetes-Pf-Prioritylevel-Uid"
)

// classify tells the client which FlowSchema and priority level its request
// belongs to. What goes on for long and is no watch belongs to none.
//
// Upstream: k8s.io/apiserver/pkg/server/filters (WithPriorityAndFairness), without waiting.
func (s *server) classify(w http.ResponseWriter, a *auth.Attributes, info *request.RequestInfo) {
	if isLong(info) && info.Verb != "watch" {
		return
	}
	flow := s.Server.FlowOf(a)
	h, both := w.Header(), []string{string(flow.Level), string(flow.Schema)}
	h[priorityLevelHeader], h[flowSchemaHeader] = both[:1:1], both[1:]
}

// attributesOf is a request as authorisers see it.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/filters (GetAuthorizerAttributes), without label selectors, which no authoriser here looks at.
func attributesOf(r *http.Request, user *apiserver.User, info *request.RequestInfo) auth.Attributes {
	a := auth.Attributes{User: user, Verb: info.Verb}
	if !info.IsResourceRequest {
		a.Path = info.Path
		return a
	}
	a.Group, a.Resource, a.Subresource = info.APIGroup, info.Resource, info.Subresource
	a.Namespace, a.Name = info.Namespace, info.Name
	if slices.Contains([]string{"list", "watch", "deletecollection"}, info.Verb) {
		if selector, err := fields.ParseSelector(r.URL.Query().Get("fieldSelector")); err == nil {
			a.Fields = selector.Requirements()
			// Who may see one object may also list it alone.
			if name, ok := selector.RequiresExactMatch("metadata.name"); ok && a.Name == "" {
				a.Name = name
			}
		}
	}
	return a
}
