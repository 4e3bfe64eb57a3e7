package wire

import (
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// Upstream's router compares media types before any handler negotiates them,
// and letter by letter: to it, application/* is another type than
// application/json. Custom resources do not go through that router.

// patchTypes are what a patch may be, in upstream's order; those of custom
// resources have no strategic merge.
var (
	patchTypes       = []string{string(types.JSONPatchType), string(types.MergePatchType), string(types.StrategicMergePatchType), string(types.ApplyYAMLPatchType)}
	customPatchTypes = []string{string(types.JSONPatchType), string(types.MergePatchType), string(types.ApplyYAMLPatchType)}
)

// What routes answer with: one object, a collection or a stream of it, and a
// container's log.
var (
	objectTypes, streamTypes = negotiation.MediaTypesForSerializer(codecs)
	collectionTypes          = slices.Concat(objectTypes, streamTypes)
	logTypes                 = slices.Concat([]string{"text/plain"}, objectTypes)
	versionTypes             = []string{"application/json"}
)

// route refuses what upstream's router has no route for.
//
// Upstream: github.com/emicklei/go-restful (RouterJSR311), for the paths that the endpoints have.
func (e *endpoint) route(r *http.Request, info *request.RequestInfo) error {
	if e.kind.Custom != nil {
		return e.routeCustom(info)
	}
	methods := e.methods(info)
	if len(methods) == 0 { // such as bindings of all namespaces
		return errPageNotFound()
	}
	if !slices.Contains(methods, r.Method) {
		return errMethodNotAllowed()
	}
	if r.Method == http.MethodPatch && !e.connects() && !namesMediaType(r.Header.Get("Content-Type"), patchTypes) {
		return errUnsupportedMediaType()
	}
	return routeAnswer(r, e.produces(info))
}

// routeCustom refuses what custom resources cannot be asked for.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver (crdHandler), where a HEAD is a GET too.
func (e *endpoint) routeCustom(info *request.RequestInfo) error {
	verbs := customVerbs
	if e.subresource != "" {
		verbs = e.verbs
	}
	if !slices.Contains(verbs, info.Verb) {
		return apierrors.NewMethodNotSupported(e.resource.GroupResource(), info.Verb)
	}
	if len(info.Parts) < 2 && (info.Verb == "update" || info.Verb == "patch") {
		return apierrors.NewBadRequest("name must be provided")
	}
	return nil
}

// produces is empty for what answers with anything.
func (e *endpoint) produces(info *request.RequestInfo) []string {
	switch {
	case e.subresource == "log":
		return logTypes
	case e.connects():
		return nil
	case info.Verb == "list" || info.Verb == "watch":
		return collectionTypes
	}
	return objectTypes
}

// routeAnswer refuses a request whose Accept header names none of the types.
func routeAnswer(r *http.Request, produced []string) error {
	accept := r.Header.Get("Accept")
	if accept == "" || len(produced) == 0 || namesMediaType(accept, append([]string{"*/*"}, produced...)) {
		return nil
	}
	text := "406: Not Acceptable\n\nAvailable representations: " + strings.Join(produced, ", ")
	return apierrors.NewGenericServerResponse(http.StatusNotAcceptable, "", schema.GroupResource{}, "", text, 0, false)
}

// routeDiscovery is for documents, which also want to be asked for in a form
// that they could be sent in.
func routeDiscovery(r *http.Request) error {
	if sent := r.Header.Get("Content-Type"); sent != "" && !namesMediaType(sent, objectTypes) {
		return errUnsupportedMediaType()
	}
	return routeAnswer(r, objectTypes)
}

// namesMediaType says whether a header names one of the types.
func namesMediaType(header string, known []string) bool {
	for one := range strings.SplitSeq(header, ",") {
		one, _, _ = strings.Cut(one, ";")
		one = strings.TrimSpace(one)
		if slices.Contains(known, one) {
			return true
		}
	}
	return false
}

func errUnsupportedMediaType() error {
	return apierrors.NewGenericServerResponse(http.StatusUnsupportedMediaType, "", schema.GroupResource{}, "", "415: Unsupported Media Type", 0, false)
}

// patchType is what the handler behind the route takes the body for.
func (e *endpoint) patchType(r *http.Request) (types.PatchType, error) {
	sent := r.Header.Get("Content-Type")
	if end := strings.Index(sent, ";"); end > 0 {
		sent = sent[:end]
	}
	known := patchTypes
	if e.kind.Custom != nil {
		known = customPatchTypes
	}
	if !slices.Contains(known, sent) {
		return "", negotiation.NewUnsupportedMediaTypeError(known)
	}
	return types.PatchType(sent), nil
}
