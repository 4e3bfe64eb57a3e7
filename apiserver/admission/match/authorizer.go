package match

import (
	"context"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authorization/authorizer"

	"github.com/minik8s/minik8s/apiserver/admission"
)

// Authorizer answers the questions that expressions ask with the variable
// authorizer.
func (r *Request) Authorizer() authorizer.UnconditionalAuthorizer { return lentAuthorizer{r} }

type lentAuthorizer struct{ r *Request }

// Authorize implements authorizer.UnconditionalAuthorizer.
func (l lentAuthorizer) Authorize(_ context.Context, a authorizer.Attributes) (authorizer.Decision, string, error) {
	q := admission.Question{Verb: a.GetVerb(), Path: a.GetPath()}
	if a.IsResourceRequest() {
		q = admission.Question{
			Verb:        a.GetVerb(),
			Resource:    schema.GroupVersionResource{Group: a.GetAPIGroup(), Version: a.GetAPIVersion(), Resource: a.GetResource()},
			Subresource: a.GetSubresource(), Namespace: a.GetNamespace(), Name: a.GetName(),
		}
	}
	if u := a.GetUser(); u != nil && u.GetName() != l.r.User.Name {
		q.User, q.Groups = u.GetName(), u.GetGroups()
	}
	allowed, reason := l.r.Attributes.Authorize(q)
	if allowed {
		return authorizer.DecisionAllow, reason, nil
	}
	return authorizer.DecisionNoOpinion, reason, nil
}
