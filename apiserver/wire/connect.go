package wire

import (
	"errors"
	"net/http"

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
	options, err := x.connectOptions()
	if err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	req := x.request(apiserver.Verb(x.info.Verb))
	req.Object = options
	res, err := x.do(req)
	if err != nil {
		return err
	}
	to := res.Connection
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

// connectOptions are what the query says, and the path behind a proxy.
func (x *exchange) connectOptions() (runtime.Object, error) {
	query := x.r.URL.Query()
	kind := x.endpoint.body
	switch x.endpoint.subresource {
	case "log":
		kind.Kind = "PodLogOptions"
	case "proxy":
		query.Set("path", x.proxiedPath())
	}
	if kind.Kind != "PodLogOptions" && query.Has("dryRun") {
		return nil, errors.New("dryRun is not supported")
	}
	options, err := kinds.Scheme().New(kind)
	if err != nil {
		return nil, err
	}
	if err := kinds.ParameterCodec().DecodeParameters(query, kind.GroupVersion(), options); err != nil {
		return nil, err
	}
	kinds.Scheme().Default(options)
	return options, nil
}

// isTooLong says that a path goes on where no endpoint is.
func isTooLong(info *request.RequestInfo) bool {
	return len(info.Parts) > 3 && info.Subresource != "proxy"
}
