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
	"list":             {http.MethodGet, "list", "list", "list ", "objects of kind ", false, metav1.ListOptions{}, []int{200}},
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
		return nil // watch is a form of list, see also watchRoutes
	}
	path, params := e.pathAndParameters(root, !slices.Contains([]string{"list", "create", "deletecollection"}, verb))
	about := e.subject(true)
	if verb == "deletecollection" {
		about = "Collection" + about
	}
	gv := e.resource.GroupVersion()
	r := &route{
		method: op.method, path: path, action: op.action, gvk: e.body,
		id:         operationID(gv, op.id, about),
		tag:        tagOf(gv),
		doc:        op.describe(e),
		parameters: slices.Concat([]common.Parameter{pretty}, params, optionParameters(op, verb)),
		consumes:   []string{"*/*"},
		codes:      op.codes,
	}
	r.produces, _ = negotiation.MediaTypesForSerializer(codecs)
	r.describeBodies(e, verb)
	if e.subresource == "log" {
		r.describeLog()
	}
	if verb != "list" || !e.kind.Namespaced {
		return []common.Route{r}
	}
	return []common.Route{r, r.everywhere(root+"/"+e.resource.Resource, operationID(gv, op.id, e.subject(false)+"ForAllNamespaces"))}
}

// everywhere is the same operation on the objects of all namespaces.
func (r *route) everywhere(path, id string) *route {
	everywhere := *r
	everywhere.path, everywhere.id = path, id
	everywhere.parameters = slices.DeleteFunc(slices.Clone(r.parameters), func(p common.Parameter) bool { return p.Kind() == common.PathParameterKind })
	return &everywhere
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

// pathAndParameters is where an endpoint is, below the root or "/watch" in it,
// and what its path asks for. One with a name is about one object.
func (e *endpoint) pathAndParameters(root string, named bool) (string, []common.Parameter) {
	path := root
	var params []common.Parameter
	if e.kind.Namespaced {
		path += "/namespaces/{namespace}"
		params = append(params, inPath("namespace", "object name and auth scope, such as for teams and projects"))
	}
	path += "/" + e.resource.Resource
	if named || e.subresource != "" {
		path += "/{name}"
		params = append(params, inPath("name", "name of the "+e.body.Kind))
	}
	if e.subresource != "" {
		path += "/" + e.subresource
	}
	return path, params
}

// namedKind is the kind that the path names, whatever kind the body has.
func (e *endpoint) namedKind() string {
	if e.subresource == "" {
		return e.body.Kind
	}
	return e.kind.Kind
}

// describe says what an operation does, as in "create a Pod" and "read status
// of the specified Pod".
func (op operation) describe(e *endpoint) string {
	doc, article := op.doc, ""
	if op.id == "list" && slices.Contains(e.verbs, "watch") {
		doc = "list or watch "
	}
	if op.article {
		article = articleFor(e.namedKind())
	}
	if e.subresource == "" {
		return doc + article + op.object + e.namedKind()
	}
	return doc + e.subresource + " of " + article + op.object + e.namedKind()
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

// operationID is upstream's: verb, group, version, and what it is about, as in
// readAppsV1NamespacedDeploymentScale. An operation on a group has no version.
func operationID(gv schema.GroupVersion, verb, about string) string {
	return verb + apiopenapi.ToValidOperationID(shortGroup(gv), true) + apiopenapi.ToValidOperationID(gv.Version, true) + about
}

// subject is what an operation is about: NamespacedDeploymentScale.
func (e *endpoint) subject(inNamespace bool) string {
	subject := e.namedKind()
	if inNamespace && e.kind.Namespaced {
		subject = "Namespaced" + subject
	}
	if e.subresource != "" {
		subject += apiopenapi.ToValidOperationID(e.subresource, true)
	}
	return subject
}

// tagOf groups operations: "apps_v1", or "apps" for those on a group.
func tagOf(gv schema.GroupVersion) string {
	tag := apiopenapi.ToValidOperationID(shortGroup(gv), false)
	if gv.Version == "" {
		return tag
	}
	return tag + "_" + gv.Version
}

func shortGroup(gv schema.GroupVersion) string {
	if gv.Group == "" {
		return "core"
	}
	return strings.TrimSuffix(gv.Group, ".k8s.io")
}
