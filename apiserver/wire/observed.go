package wire

import (
	"bufio"
	"net"
	"net/http"
	"time"

	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/auth"
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
	audit    *audit // nil unless there is an audit log
}

// observe begins to look at a request.
func (s *server) observe(w http.ResponseWriter, r *http.Request) *observed {
	return &observed{ResponseWriter: w, server: s, r: r, began: time.Now()}
}

// unknown is called for a request of nobody that is known.
func (o *observed) unknown(info *request.RequestInfo) {
	if o.server.Audit != nil {
		o.audit = newAudit(o, info, &apiserver.User{})
		o.audit.anonymous = true
	}
}

// identified is called once it is known who asks for what.
func (o *observed) identified(info *request.RequestInfo, bearer *auth.Bearer) {
	o.info = info
	if o.server.Audit != nil {
		o.audit = newAudit(o, info, &bearer.User)
		if bearer.Stale != "" {
			o.audit.annotate("authentication.k8s.io/stale-token", bearer.Stale)
		}
		if bearer.Kept != nil {
			o.audit.noteKeptToken(bearer.Kept)
		}
		o.audit.write(auditv1.StageRequestReceived)
	}
	o.server.metrics.enter(o)
}

// impersonates is called if the user acts in another one's name.
func (o *observed) impersonates(acting apiserver.User, constraint string) {
	if o.audit != nil {
		o.audit.noteImpersonation(&acting, constraint)
	}
}

// panicked is called if the request made us panic.
func (o *observed) panicked(reason any) {
	if o.audit != nil {
		o.audit.panicked(reason)
		o.audit = nil
	}
}

// end is called when the answer is complete.
func (o *observed) end() {
	if o.info == nil {
		return
	}
	o.server.metrics.leave(o)
	if o.audit != nil {
		o.audit.complete(o)
	}
}

// begun is called when the answer begins.
func (o *observed) begun(code int) {
	if o.code != 0 {
		return
	}
	o.code = code
	if o.audit == nil {
		return
	}
	o.audit.noteCode(code)
	if o.audit.anonymous || isLong(o.info) {
		o.audit.write(auditv1.StageResponseStarted)
	}
}

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
	o.begun(code)
	o.ResponseWriter.WriteHeader(code)
}

func (o *observed) Write(p []byte) (int, error) {
	o.begun(http.StatusOK)
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
	o.begun(http.StatusSwitchingProtocols)
	return http.NewResponseController(o.ResponseWriter).Hijack()
}
