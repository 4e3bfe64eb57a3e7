package wire

import (
	"net/http"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/kinds"
)

// connectMethods are the HTTP methods of subresources that lead to what runs
// on a node. Browsers can only use WebSockets with GET.
var connectMethods = map[string][]string{
	"log":         {http.MethodGet},
	"exec":        {http.MethodGet, http.MethodPost},
	"attach":      {http.MethodGet, http.MethodPost},
	"portforward": {http.MethodGet, http.MethodPost},
	"proxy":       {http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead, http.MethodOptions},
}

// connects says that the endpoint leads to what runs on a node.
func (e *endpoint) connects() bool { return connectMethods[e.subresource] != nil }

// connect asks the door where the request leads, and goes there.
func (x *exchange) connect() error {
	options := connectOptions(x.endpoint.subresource)
	if options != nil {
		if err := kinds.ParameterCodec().DecodeParameters(x.r.URL.Query(), corev1.SchemeGroupVersion, options); err != nil {
			return apierrors.NewBadRequest(err.Error())
		}
		kinds.Scheme().Default(options)
	}
	to, err := x.connection(apiserver.Verb(x.info.Verb), options)
	if err != nil {
		return err
	}
	switch options := options.(type) {
	case *corev1.PodLogOptions:
		return x.log(to, options)
	case *corev1.PodExecOptions:
		return x.exec(to, options)
	case *corev1.PodAttachOptions:
		return x.attach(to, options)
	case *corev1.PodPortForwardOptions:
		return x.portForward(to)
	}
	return x.proxy(to)
}

// connection is where the request leads, for a user who may go there. Opening a
// WebSocket is a GET, but takes the right to create.
//
// Upstream: pkg/registry/core/pod/rest (ensureAuthorizedForVerb).
func (x *exchange) connection(verb apiserver.Verb, options runtime.Object) (*apiserver.Connection, error) {
	req := x.request(verb)
	req.Object = options
	res, err := x.Do(req)
	if err != nil {
		return nil, err
	}
	if verb == apiserver.Get && slices.Contains([]string{"exec", "attach", "portforward"}, x.endpoint.subresource) {
		return x.connection(apiserver.Create, options)
	}
	return res.Connection, nil
}

// connectOptions is nil for a proxy, which has a path behind it instead.
func connectOptions(subresource string) runtime.Object {
	switch subresource {
	case "log":
		return &corev1.PodLogOptions{}
	case "exec":
		return &corev1.PodExecOptions{}
	case "attach":
		return &corev1.PodAttachOptions{}
	case "portforward":
		return &corev1.PodPortForwardOptions{}
	}
	return nil
}

// isTooLong says that a path goes on where no endpoint is.
func isTooLong(info *request.RequestInfo) bool {
	return len(info.Parts) > 3 && info.Subresource != "proxy"
}
