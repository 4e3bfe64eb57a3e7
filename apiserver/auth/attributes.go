package auth

import (
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Attributes are what authorisers look at of a request. For a path that is no
// resource's, only User, Verb and Path are set.
type Attributes struct {
	User *User
	Verb string

	Group, Resource, Subresource string
	Namespace, Name              string // empty for all
	// Fields is the field selector of a list or a watch.
	Fields fields.Requirements

	// Path is empty if the request is about a resource.
	Path string
}

// IsResource says that the request is about a resource, rather than a path.
func (a *Attributes) IsResource() bool { return a.Path == "" }

// Decision is what an authoriser, or all of them, say.
type Decision struct {
	Allowed bool
	// Reason is why, for people. It may be empty.
	Reason string
}

// AlwaysAllow lets everyone do everything, as --authorization-mode=AlwaysAllow.
func AlwaysAllow(*Attributes) Decision { return Decision{Allowed: true} }

// HTMLSafe keeps a message from being taken for a page by a browser.
func HTMLSafe(message string) string { return htmlSafe.Replace(message) }

var htmlSafe = strings.NewReplacer(`&`, "&amp;", `<`, "&lt;", `>`, "&gt;")

// Forbidden is the error for a request that is not allowed.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters (ForbiddenStatusError), complete.
func Forbidden(a *Attributes, reason string) *apierrors.StatusError {
	text := HTMLSafe(a.refusal())
	if reason != "" {
		text += ": " + reason
	}
	return apierrors.NewForbidden(schema.GroupResource{Group: a.Group, Resource: a.Resource}, a.Name, errors.New(text))
}

func (a *Attributes) refusal() string {
	if !a.IsResource() {
		return fmt.Sprintf("User %q cannot %s path %q", a.User.Name, a.Verb, a.Path)
	}
	resource := a.Resource
	if a.Subresource != "" {
		resource += "/" + a.Subresource
	}
	where := "at the cluster scope"
	if a.Namespace != "" {
		where = fmt.Sprintf("in the namespace %q", a.Namespace)
	}
	return fmt.Sprintf("User %q cannot %s resource %q in API group %q %s", a.User.Name, a.Verb, resource, a.Group, where)
}

// SignerNames are the names by which rights to a signer of certificates are
// given: its own, and all of its domain.
//
// Upstream: pkg/certauthorization (IsAuthorizedForSignerName), complete.
func SignerNames(signer string) [2]string {
	domain, _, _ := strings.Cut(signer, "/")
	return [2]string{signer, domain + "/*"}
}
