package wire

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/minik8s/minik8s/apiserver"
)

// exchange is one request about a resource, with where the answer goes.
type exchange struct {
	*server
	w        http.ResponseWriter
	r        *http.Request
	info     *request.RequestInfo
	user     apiserver.User
	endpoint *endpoint
}

// serveResource finds the endpoint and carries out the verb.
func (s *server) serveResource(w http.ResponseWriter, r *http.Request, info *request.RequestInfo, user apiserver.User) {
	e := s.endpoint(info)
	if e == nil {
		s.writeNoEndpoint(w, r, info)
		return
	}
	if o, ok := w.(*observed); ok {
		o.endpoint = e
		if isLong(info) {
			defer s.metrics.long(o)()
		}
	}
	x := &exchange{server: s, w: w, r: r, info: info, user: user, endpoint: e}
	if e.kind.Custom != nil && e.kind.Namespaced && info.Namespace == "" && info.Verb != "list" && info.Verb != "watch" {
		http.NotFound(w, r)
		return
	}
	if err := e.route(r, info); err != nil {
		writeError(w, r, err)
		return
	}
	if e.deprecated != "" {
		addWarnings(w, []string{e.deprecated})
	}
	if err := x.serve(); err != nil {
		writeError(w, r, err)
	}
}

// endpoint returns nil if the path names nothing that is served.
func (s *server) endpoint(info *request.RequestInfo) *endpoint {
	gv := schema.GroupVersion{Group: info.APIGroup, Version: info.APIVersion}
	if e := findEndpoint(s.builtIn.byPath[gv], info); e != nil {
		return e
	}
	return findEndpoint(s.served.now().endpoints.byPath[gv], info)
}

// writeNoEndpoint answers 404 in the words of that server behind upstream's
// aggregator which would have served the path.
func (s *server) writeNoEndpoint(w http.ResponseWriter, r *http.Request, info *request.RequestInfo) {
	gv := schema.GroupVersion{Group: info.APIGroup, Version: info.APIVersion}
	if s.isBuiltInGroup(gv.Group) {
		writeError(w, r, errPageNotFound())
		return
	}
	object := *info
	object.Subresource, object.Parts = "", info.Parts[:min(len(info.Parts), 2)]
	if info.Subresource != "" && findEndpoint(s.served.now().endpoints.byPath[gv], &object) != nil {
		writeError(w, r, apierrors.NewNotFound(schema.GroupResource{Group: gv.Group, Resource: info.Resource}, info.Name))
		return
	}
	http.NotFound(w, r)
}

// findEndpoint returns nil if the path names nothing that is served. Upstream's
// server of custom resources does not look behind a subresource.
func findEndpoint(paths map[string]*endpoint, info *request.RequestInfo) *endpoint {
	name := info.Resource
	if info.Subresource != "" {
		name += "/" + info.Subresource
	}
	e := paths[name]
	if e == nil || e.kind.Custom == nil && isTooLong(info) {
		return nil
	}
	if !e.kind.Namespaced && info.Namespace != "" && e.resource.Resource != "namespaces" {
		return nil
	}
	// A namespaced object cannot be reached without its namespace, but a
	// collection can.
	if e.kind.Namespaced && info.Namespace == "" && len(info.Parts) > 1 {
		return nil
	}
	if len(info.Parts) == 2 && e.isOnlyCreated() {
		return nil
	}
	return e
}

// isOnlyCreated says that there are no objects to be named in a path, as of
// reviews and bindings.
func (e *endpoint) isOnlyCreated() bool { return len(e.verbs) == 1 && e.verbs[0] == "create" }

// The HTTP methods that stand for verbs: on a collection, on an object and on
// a subresource of one.
var (
	collectionMethods  = map[string]string{"list": http.MethodGet, "create": http.MethodPost, "deletecollection": http.MethodDelete}
	objectMethods      = map[string]string{"get": http.MethodGet, "update": http.MethodPut, "patch": http.MethodPatch, "delete": http.MethodDelete}
	subresourceMethods = map[string]string{"get": http.MethodGet, "create": http.MethodPost, "update": http.MethodPut, "patch": http.MethodPatch, "delete": http.MethodDelete}
)

// methods are those that a path of the endpoint answers to.
func (e *endpoint) methods(info *request.RequestInfo) []string {
	if e.connects() {
		return connectMethods[e.subresource]
	}
	byVerb := subresourceMethods
	switch len(info.Parts) {
	case 1:
		byVerb = collectionMethods
	case 2:
		byVerb = objectMethods
	}
	var methods []string
	for _, verb := range e.verbs {
		method, ok := byVerb[verb]
		// A collection over all namespaces can be read, but not written.
		if ok && (verb == "list" || !e.kind.Namespaced || info.Namespace != "") {
			methods = append(methods, method)
		}
	}
	return methods
}

func (x *exchange) serve() error {
	if x.endpoint.connects() {
		return x.connect()
	}
	if x.info.Verb != "update" { // which has more to find fault with first
		if err := checkSegment(x.name()); err != nil {
			return err
		}
	}
	if x.info.Verb == "watch" {
		return x.watch()
	}
	growStack()
	switch x.info.Verb {
	case "get":
		return x.get()
	case "list":
		return x.list()
	case "create":
		return x.create()
	case "update":
		return x.update()
	case "patch":
		return x.patch()
	case "delete":
		return x.delete()
	case "deletecollection":
		return x.deleteCollection()
	}
	return errMethodNotAllowed()
}

// do has the door carry out a request. What it warns of, and what the audit log
// is to be told, counts even if it refuses.
func (x *exchange) do(req apiserver.Request) (apiserver.Response, error) {
	res, err := x.Do(req)
	if isConnected := x.r.Context().Value(http.ServerContextKey) != nil; isConnected && err == nil && x.Server.Writes(&req) {
		x.hub.yield(req.Resource.GroupResource())
	}
	addWarnings(x.w, res.Warnings)
	noteAnnotations(x.w, res.Annotations)
	return res, err
}

// checkSegment refuses a name that would be another path.
func checkSegment(name string) error {
	if faults := path.IsValidPathSegmentName(name); len(faults) > 0 {
		return apierrors.NewBadRequest(fmt.Sprintf("Name parameter invalid: %q: %s", name, strings.Join(faults, ";")))
	}
	return nil
}

// request is the exchange as the door wants it; the verb's own fields are to
// be filled in.
func (x *exchange) request(verb apiserver.Verb) apiserver.Request {
	req := apiserver.Request{
		Verb:        verb,
		Resource:    x.endpoint.target(),
		Subresource: x.endpoint.subresource,
		Namespace:   x.namespace(),
		Name:        x.name(),
		User:        x.user,
		Authorized:  true,
		UserAgent:   cmp.Or(x.r.UserAgent(), "unknown"),
	}
	req.Timeout, _ = requestTimeout(x.r) // checkTimeout has read it
	req.Origin.Reason = command(x.r, x.info)
	return req
}

// namespace is empty for a cluster-scoped resource. A Namespace's own path
// looks as if it were in itself.
func (x *exchange) namespace() string {
	if !x.endpoint.kind.Namespaced {
		return ""
	}
	return x.info.Namespace
}

// name is empty for a collection. The path parser also takes a name from a
// field selector, which is not wanted here.
func (x *exchange) name() string {
	if len(x.info.Parts) < 2 {
		return ""
	}
	return x.info.Parts[1]
}
