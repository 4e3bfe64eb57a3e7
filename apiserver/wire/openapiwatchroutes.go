package wire

import (
	"net/http"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"
	"k8s.io/kube-openapi/pkg/common"
)

// watchRoutes are the paths below /watch, from before a watch was a kind of
// list: of one object, of a namespace, of all.
func watchRoutes(root string, e *endpoint) []common.Route {
	if !slices.Contains(e.verbs, "watch") {
		return nil
	}
	gv := e.resource.GroupVersion()
	r := route{
		method: http.MethodGet, gvk: e.body,
		tag:      tagOf(gv),
		consumes: []string{"*/*"},
		writes:   metav1.WatchEvent{},
		codes:    []int{http.StatusOK},
	}
	types, streams := negotiation.MediaTypesForSerializer(codecs)
	r.produces = append(types, streams...)
	options := append(fieldsAsParameters(metav1.ListOptions{}), pretty)

	one, list := r, r
	path, params := e.pathAndParameters(root+"/watch", true)
	one.path, one.action = path, "watch"
	one.id = operationID(gv, "watch", e.subject(true))
	one.parameters = append(params, options...)
	one.doc = "watch changes to an object of kind " + e.body.Kind + ". deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter."

	path, params = e.pathAndParameters(root+"/watch", false)
	list.path, list.action = path, "watchlist"
	list.id = operationID(gv, "watch", e.subject(true)+"List")
	list.parameters = append(params, options...)
	list.doc = "watch individual changes to a list of " + e.body.Kind + ". deprecated: use the 'watch' parameter with a list operation instead."

	all := []common.Route{&one, &list}
	if e.kind.Namespaced {
		all = append(all, list.everywhere(root+"/watch/"+e.resource.Resource, operationID(gv, "watch", e.subject(false)+"ListForAllNamespaces")))
	}
	return all
}
