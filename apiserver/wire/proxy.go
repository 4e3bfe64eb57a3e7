package wire

import (
	"fmt"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/proxy"

	"github.com/minik8s/minik8s/apiserver"
)

// proxy sends the request on to a Pod, an endpoint of a Service or a node, with
// the part of the path that is behind "proxy".
//
// Upstream: pkg/registry/core/pod/rest (ProxyREST), and those of services and nodes.
func (x *exchange) proxy(to *apiserver.Connection) error {
	if x.Node.HTTP == nil {
		return &apierrors.StatusError{ErrStatus: metav1.Status{
			Status: metav1.StatusFailure, Code: http.StatusBadGateway, Reason: metav1.StatusReasonServiceUnavailable,
			Message: fmt.Sprintf("error trying to reach service: %v on %s", errNoProgram, to.URL.Host),
		}}
	}
	location := *to.URL
	location.Path = x.proxiedPath()
	if location.Path == "" {
		location.Path = "/"
	}
	location.RawQuery = x.r.URL.RawQuery
	proxy.NewUpgradeAwareHandler(&location, x.Node.HTTP, true, false, x).ServeHTTP(x.w, x.r)
	return nil
}

// proxiedPath is the path behind "proxy", with the slashes that the client has
// put around it. It is empty if there is none.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers (getRequestOptions), complete.
func (x *exchange) proxiedPath() string {
	path := strings.Join(x.info.Parts[3:], "/")
	if path != "" {
		path = "/" + path
	}
	if strings.HasSuffix(x.r.URL.Path, "/") && !strings.HasSuffix(path, "/") {
		path += "/"
	}
	return path
}

// Error answers for a proxy that did not get through.
func (x *exchange) Error(w http.ResponseWriter, r *http.Request, err error) { writeError(w, r, err) }
