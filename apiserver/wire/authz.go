package wire

import (
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/minik8s/minik8s/apiserver"
)

// publicPaths answer without credentials; those that end in a slash stand for
// everything below them.
var publicPaths = []string{"/healthz", "/livez", "/readyz", "/version", "/api", "/apis", "/openapi", "/healthz/", "/livez/", "/readyz/", "/version/", "/api/", "/apis/", "/openapi/"}

// authorize refuses anonymous users everything but health, version and
// discovery.
// Upstream: RBAC decides, from roles and bindings, who may do what.
func authorize(user apiserver.User, info *request.RequestInfo) error {
	if user.Name != anonymous || !info.IsResourceRequest && isPublic(info.Path) {
		return nil
	}
	gr := schema.GroupResource{Group: info.APIGroup, Resource: info.Resource}
	return apierrors.NewForbidden(gr, info.Name, errors.New(forbiddenMessage(user, info)))
}

func isPublic(path string) bool {
	for _, public := range publicPaths {
		if path == public || strings.HasSuffix(public, "/") && strings.HasPrefix(path, public) {
			return true
		}
	}
	return false
}

func forbiddenMessage(user apiserver.User, info *request.RequestInfo) string {
	if !info.IsResourceRequest {
		return fmt.Sprintf("User %q cannot %s path %q", user.Name, info.Verb, info.Path)
	}
	resource := info.Resource
	if info.Subresource != "" {
		resource += "/" + info.Subresource
	}
	where := "at the cluster scope"
	if info.Namespace != "" {
		where = fmt.Sprintf("in the namespace %q", info.Namespace)
	}
	return fmt.Sprintf("User %q cannot %s resource %q in API group %q %s", user.Name, info.Verb, resource, info.APIGroup, where)
}
