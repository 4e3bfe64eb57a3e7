package wire

import (
	"bufio"
	"net"
	"net/http"
	"reflect"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/minik8s/minik8s/apiserver"
)

// observed is an answer under way, with what the metrics and the audit log
// want to know of its request.
type observed struct {
	http.ResponseWriter
	server *server
	r      *http.Request
	began  time.Time // wall time
	code   int       // of the answer; zero until it begins

	info *request.RequestInfo // nil: the path could not be read
	// endpoint is nil if the path names nothing that is served.
	endpoint *endpoint
	// user is who asked, and acting in whose name.
	user, acting apiserver.User
	denied       bool
	status       *metav1.Status // if the answer is one
	audit        *audit         // nil unless there is an audit log
}

// observe begins to look at a request.
func (s *server) observe(w http.ResponseWriter, r *http.Request) *observed {
	return &observed{ResponseWriter: w, server: s, r: r, began: time.Now()}
}

// identified is called once it is known who asks for what.
func (o *observed) identified(info *request.RequestInfo, user apiserver.User) {
	o.info, o.user, o.acting = info, user, user
	if o.server.Audit != nil {
		o.audit = newAudit(o)
		o.audit.write(o, "RequestReceived")
	}
	o.server.metrics.enter(o)
}

// authorized is called when it has been decided whether the user may do so.
func (o *observed) authorized(acting apiserver.User, err error) {
	o.acting, o.denied = acting, err != nil
}

// end is called when the answer is complete.
func (o *observed) end() {
	if o.info == nil {
		return
	}
	o.server.metrics.leave(o)
	if o.audit != nil {
		o.audit.write(o, "ResponseComplete")
	}
}

// impersonates says whether the user acts in another one's name.
func (o *observed) impersonates() bool { return !reflect.DeepEqual(o.user, o.acting) }

// isLong says whether the request goes on until somebody ends it.
//
// Upstream: k8s.io/apiserver/pkg/server/filters (BasicLongRunningRequestCheck).
func isLong(info *request.RequestInfo) bool {
	switch info.Subresource {
	case "attach", "exec", "log", "portforward", "proxy":
		return info.IsResourceRequest
	}
	return info.Verb == "watch" || info.Verb == "proxy"
}

// WriteHeader implements http.ResponseWriter.
func (o *observed) WriteHeader(code int) {
	if o.code == 0 {
		o.code = code
		if o.audit != nil && o.info != nil && isLong(o.info) {
			o.audit.write(o, "ResponseStarted")
		}
	}
	o.ResponseWriter.WriteHeader(code)
}

func (o *observed) Write(p []byte) (int, error) {
	if o.code == 0 {
		o.code = http.StatusOK
	}
	return o.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (o *observed) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// Flush implements http.Flusher.
func (o *observed) Flush() { _ = o.FlushError() }

// FlushError is how http.ResponseController flushes.
func (o *observed) FlushError() error { return http.NewResponseController(o.ResponseWriter).Flush() }

// Hijack implements http.Hijacker, where the connection can be taken over.
func (o *observed) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if o.code == 0 {
		o.code = http.StatusSwitchingProtocols
	}
	return http.NewResponseController(o.ResponseWriter).Hijack()
}

// noteStatus keeps an answer that is a Status for the audit log.
func noteStatus(w http.ResponseWriter, status *metav1.Status) {
	if o, ok := w.(*observed); ok {
		o.status = status
	}
}
