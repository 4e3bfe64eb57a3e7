package wire

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"
	apiopenapi "k8s.io/apiserver/pkg/endpoints/openapi"
	"k8s.io/kube-openapi/pkg/common"

	"github.com/minik8s/minik8s/kinds"
)

// routes describes a group version to kube-openapi's builders: it is a
// common.RouteContainer.
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

// parameter is in the path, in the query, or the body.
type parameter struct {
	name, doc, dataType string
	kind                common.ParameterKind
	required            bool
}

func (p parameter) Name() string               { return p.name }
func (p parameter) Description() string        { return p.doc }
func (p parameter) Required() bool             { return p.required }
func (p parameter) Kind() common.ParameterKind { return p.kind }
func (p parameter) DataType() string           { return p.dataType }
func (p parameter) AllowMultiple() bool        { return false }

// newRoutes lists the operations of a group version.
//
// Upstream: k8s.io/apiserver/pkg/endpoints (installer), without the deprecated watch paths, which are served but not described.
func newRoutes(v groupVersion) *routes {
	c := &routes{root: rootOf(v.GroupVersion)}
	for _, e := range v.endpoints {
		if e.kind.Custom != nil {
			continue // see openapicustom.go
		}
		for _, verb := range e.verbs {
			c.all = append(c.all, routesOf(c.root, e, verb)...)
		}
	}
	return c
}

// operation is how a verb is described.
type operation struct {
	method, action, id string
	doc, object        string // "read ", "the specified "
	article            bool   // "create a Pod"
	options            any    // whose fields are query parameters
	codes              []int
}

var operations = map[string]operation{
	"get":              {http.MethodGet, "get", "read", "read ", "the specified ", false, nil, []int{200}},
	"list":             {http.MethodGet, "list", "list", "list or watch ", "objects of kind ", false, metav1.ListOptions{}, []int{200}},
	"create":           {http.MethodPost, "post", "create", "create ", "", true, metav1.CreateOptions{}, []int{200, 201, 202}},
	"update":           {http.MethodPut, "put", "replace", "replace ", "the specified ", false, metav1.UpdateOptions{}, []int{200, 201}},
	"patch":            {http.MethodPatch, "patch", "patch", "partially update ", "the specified ", false, metav1.PatchOptions{}, []int{200, 201}},
	"delete":           {http.MethodDelete, "delete", "delete", "delete ", "", true, metav1.DeleteOptions{}, []int{200, 202}},
	"deletecollection": {http.MethodDelete, "deletecollection", "delete", "delete collection of ", "", false, metav1.DeleteOptions{}, []int{200}},
}

// routesOf describes one verb of an endpoint, which for a list is served on
// two paths.
func routesOf(root string, e *endpoint, verb string) []common.Route {
	op, ok := operations[verb]
	if !ok {
		return nil // watch is a form of list
	}
	path, params := pathOf(root, e, verb)
	r := &route{
		method: op.method, path: path, action: op.action, gvk: e.body,
		id:         operationID(op, e, verb, ""),
		tag:        tagOf(e.resource.GroupVersion()),
		doc:        op.describe(e),
		parameters: append(params, optionParameters(op, verb)...),
		consumes:   []string{"*/*"},
		codes:      op.codes,
	}
	r.produces, _ = negotiation.MediaTypesForSerializer(codecs)
	r.describeBodies(e, verb)
	if verb != "list" || !e.kind.Namespaced {
		return []common.Route{r}
	}
	everywhere := *r
	everywhere.path = root + "/" + e.resource.Resource
	everywhere.id = operationID(op, e, verb, "ForAllNamespaces")
	everywhere.parameters = slices.DeleteFunc(slices.Clone(r.parameters), func(p common.Parameter) bool { return p.Kind() == common.PathParameterKind })
	return []common.Route{r, &everywhere}
}

func (r *route) describeBodies(e *endpoint, verb string) {
	body := func(required bool) parameter {
		return parameter{name: "body", dataType: "body", kind: common.BodyParameterKind, required: required}
	}
	r.writes = sample(e.body)
	switch verb {
	case "list":
		r.writes = sample(e.list())
		_, streams := negotiation.MediaTypesForSerializer(codecs)
		r.produces = append(r.produces, streams...)
	case "create", "update":
		r.reads = r.writes
		r.parameters = append(r.parameters, body(true))
	case "patch":
		r.reads = metav1.Patch{}
		r.consumes = nil
		for _, t := range patchTypes {
			r.consumes = append(r.consumes, string(t))
		}
		r.parameters = append(r.parameters, body(true))
	case "delete", "deletecollection":
		r.reads = metav1.DeleteOptions{}
		r.parameters = append(r.parameters, body(false))
		if verb == "deletecollection" || !e.returnsDeleted() {
			r.writes = metav1.Status{}
		}
	}
}

// returnsDeleted says that deleting one object answers with it. Upstream's
// documents do not say it of namespaces, which do.
func (e *endpoint) returnsDeleted() bool {
	return e.kind.ReturnsDeleted && e.kind.Resource != "namespaces"
}

// sample is an empty value whose Go type names the schema.
func sample(gvk schema.GroupVersionKind) any {
	obj, err := kinds.Scheme().New(gvk)
	if err != nil {
		return nil
	}
	return reflect.ValueOf(obj).Elem().Interface()
}

func pathOf(root string, e *endpoint, verb string) (string, []common.Parameter) {
	path := root
	params := []common.Parameter{query("pretty", "If 'true', then the output is pretty printed. Defaults to 'false' unless the user-agent indicates a browser or command-line HTTP tool (curl and wget).", "string")}
	if e.kind.Namespaced {
		path += "/namespaces/{namespace}"
		params = append(params, inPath("namespace", "object name and auth scope, such as for teams and projects"))
	}
	path += "/" + e.resource.Resource
	subresource := e.subresource != "" && !e.namedByBody
	if subresource || !slices.Contains([]string{"list", "create", "deletecollection"}, verb) {
		path += "/{name}"
		params = append(params, inPath("name", "name of the "+e.body.Kind))
	}
	if subresource {
		path += "/" + e.subresource
	}
	return path, params
}

// namedKind is the kind that the path names, whatever kind the body has.
func (e *endpoint) namedKind() string {
	if e.subresource == "" || e.namedByBody {
		return e.body.Kind
	}
	return e.kind.Kind
}

// describe says what an operation does, as in "create a Pod" and "read status
// of the specified Pod".
func (op operation) describe(e *endpoint) string {
	article := ""
	if op.article {
		article = articleFor(e.namedKind())
	}
	if e.subresource == "" || e.namedByBody {
		return op.doc + article + op.object + e.namedKind()
	}
	return op.doc + e.subresource + " of " + article + op.object + e.namedKind()
}

// articleFor is empty for a noun that is a plural.
func articleFor(noun string) string {
	switch {
	case strings.HasSuffix(noun, "s") && !strings.HasSuffix(noun, "ss"):
		return ""
	case strings.ContainsRune("AEIOU", rune(noun[0])):
		return "an "
	}
	return "a "
}

func inPath(name, doc string) parameter {
	return parameter{name, doc, "string", common.PathParameterKind, true}
}

func query(name, doc, dataType string) parameter {
	return parameter{name, doc, dataType, common.QueryParameterKind, false}
}

// operationID is upstream's: verb, group, version, and what it is about, as in
// readAppsV1NamespacedDeploymentScale.
func operationID(op operation, e *endpoint, verb, suffix string) string {
	group := strings.TrimSuffix(e.resource.Group, ".k8s.io")
	if group == "" {
		group = "core"
	}
	id := op.id + apiopenapi.ToValidOperationID(group, true) + apiopenapi.ToValidOperationID(e.resource.Version, true)
	if verb == "deletecollection" {
		id += "Collection"
	}
	if e.kind.Namespaced && suffix == "" {
		id += "Namespaced"
	}
	id += e.namedKind()
	if e.subresource != "" && !e.namedByBody {
		id += apiopenapi.ToValidOperationID(e.subresource, true)
	}
	return id + suffix
}

// tagOf groups operations: "apps_v1".
func tagOf(gv schema.GroupVersion) string {
	group := strings.TrimSuffix(gv.Group, ".k8s.io")
	if group == "" {
		group = "core"
	}
	return apiopenapi.ToValidOperationID(group, false) + "_" + gv.Version
}

// optionParameters are the query parameters of a verb.
func optionParameters(op operation, verb string) []common.Parameter {
	if op.options == nil {
		return nil
	}
	params := fieldsAsParameters(op.options)
	if verb == "deletecollection" {
		params = append(params, slices.DeleteFunc(fieldsAsParameters(metav1.ListOptions{}), func(p common.Parameter) bool {
			return p.Name() == "watch" || p.Name() == "allowWatchBookmarks"
		})...)
	}
	return params
}

// fieldsAsParameters makes a query parameter of each plain field of an options
// struct.
func fieldsAsParameters(options any) []common.Parameter {
	var params []common.Parameter
	docs := map[string]string{}
	if d, ok := options.(interface{ SwaggerDoc() map[string]string }); ok {
		docs = d.SwaggerDoc()
	}
	t := reflect.TypeOf(options)
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		dataType := jsonType(t.Field(i).Type)
		if name == "" || dataType == "" {
			continue
		}
		params = append(params, query(name, docs[name], dataType))
	}
	return params
}

// jsonType is empty for what cannot be a query parameter.
func jsonType(t reflect.Type) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.Int32, reflect.Int64:
		return "integer"
	case reflect.String:
		return "string"
	case reflect.Slice:
		return "string"
	}
	return ""
}
