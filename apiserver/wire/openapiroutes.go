package wire

import (
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kube-openapi/pkg/common"
)

// routes describes what is served below a path to kube-openapi's builders: it
// is a common.RouteContainer.
type routes struct {
	root string
	all  []common.Route
}

func (c *routes) RootPath() string                   { return c.root }
func (c *routes) PathParameters() []common.Parameter { return nil }
func (c *routes) Routes() []common.Route             { return c.all }

// route is one operation: a method on a path.
type route struct {
	method, path string
	id, tag, doc string
	action       string
	gvk          schema.GroupVersionKind
	parameters   []common.Parameter
	consumes     []string
	produces     []string
	reads        any // nil: no body
	writes       any
	codes        []int
}

func (r *route) Method() string                 { return r.method }
func (r *route) Path() string                   { return r.path }
func (r *route) OperationName() string          { return r.id }
func (r *route) Parameters() []common.Parameter { return r.parameters }
func (r *route) Description() string            { return r.doc }
func (r *route) Consumes() []string             { return r.consumes }
func (r *route) Produces() []string             { return r.produces }
func (r *route) RequestPayloadSample() any      { return r.reads }
func (r *route) ResponsePayloadSample() any     { return r.writes }

func (r *route) Metadata() map[string]any {
	if r.action == "" {
		return nil // it is about no resource
	}
	return map[string]any{
		"x-kubernetes-action":             r.action,
		"x-kubernetes-group-version-kind": metav1.GroupVersionKind{Group: r.gvk.Group, Version: r.gvk.Version, Kind: r.gvk.Kind},
	}
}

func (r *route) StatusCodeResponses() []common.StatusCodeResponse {
	var all []common.StatusCodeResponse
	for _, code := range r.codes {
		all = append(all, response{code, r.writes})
	}
	return all
}

type response struct {
	code  int
	model any
}

func (r response) Code() int       { return r.code }
func (r response) Message() string { return http.StatusText(r.code) }
func (r response) Model() any      { return r.model }

// newRoutes lists the operations of a group version.
//
// Upstream: k8s.io/apiserver/pkg/endpoints (installer), without installing a handler with each route.
func newRoutes(v groupVersion) *routes {
	c := &routes{root: rootOf(v.GroupVersion)}
	for _, e := range v.endpoints {
		switch {
		case e.kind.Custom != nil: // see openapicustom.go
		case e.connects() && e.subresource != "log":
			c.all = append(c.all, connectRoutes(c.root, e)...)
		default:
			for _, verb := range e.verbs {
				c.all = append(c.all, routesOf(c.root, e, verb)...)
			}
			c.all = append(c.all, watchRoutes(c.root, e)...)
		}
	}
	if len(c.all) > 0 {
		c.all = append(c.all, indexRoute(c.root, v.GroupVersion, "get available resources", "APIResources", metav1.APIResourceList{}))
	}
	return c
}
