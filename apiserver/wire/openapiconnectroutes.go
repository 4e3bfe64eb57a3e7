package wire

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apiopenapi "k8s.io/apiserver/pkg/endpoints/openapi"
	"k8s.io/kube-openapi/pkg/common"
)

// connectRoutes describe an endpoint that leads to what runs on a node, one for
// each method. What is behind a proxy has a path of its own.
func connectRoutes(root string, e *endpoint) []common.Route {
	gv := e.resource.GroupVersion()
	path, params := e.pathAndParameters(root, true)
	params = append(params, fieldsAsParameters(sample(e.body))...)
	var all []common.Route
	for _, method := range connectMethods[e.subresource] {
		r := route{
			method: method, path: path, action: "connect", gvk: e.body,
			id:         operationID(gv, "connect", apiopenapi.ToValidOperationID(strings.ToLower(method), true)+e.subject(true)),
			tag:        tagOf(gv),
			doc:        "connect " + method + " requests to " + e.subresource + " of " + e.kind.Kind,
			parameters: params,
			consumes:   []string{"*/*"},
			produces:   []string{"*/*"},
			writes:     "string",
		}
		all = append(all, &r)
		if e.subresource == "proxy" {
			behind := r
			behind.path += "/{path}"
			behind.id += "WithPath"
			behind.parameters = append(slices.Clone(params), inPath("path", "path to the resource"))
			all = append(all, &behind)
		}
	}
	return all
}

// describeLog says what is special about reading a log: it is text.
func (r *route) describeLog() {
	r.writes = "string"
	r.produces = append([]string{"text/plain"}, r.produces...)
	r.parameters = append(r.parameters, fieldsAsParameters(corev1.PodLogOptions{})...)
}
