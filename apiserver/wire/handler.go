package wire

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime/debug"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/version"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// Config is what the handler stands on.
type Config struct {
	// Do carries out a request. It is called from many goroutines at once;
	// whoever hands it over serialises what must be.
	Do func(apiserver.Request) (apiserver.Response, error)
	// Server is asked what needs no turn: who may do what, what a watch selects.
	// Its clock is asked from many goroutines at once.
	Server *apiserver.Server
	// Store is read by watches only; all else goes through Do.
	Store *store.Store
	// Ask answers what a watch has to ask a program outside of the cluster: a
	// conversion webhook. It is called from many goroutines at once. Nil calls
	// the webhook over the network.
	Ask func(outside.Question) outside.Answer
	// Kinds are the built-in kinds.
	Kinds *kinds.Registry
	// Node is what runs on the cluster's machines.
	Node Node
	// Now is the world's time, for the ages in Tables. Nil: the wall clock.
	Now func() time.Time
	// Version is the answer to /version. Zero: Version of this package.
	Version version.Info
	// BookmarkPeriod is how often an idle watch that allows bookmarks is told
	// how far it has come, in wall time. Zero: a minute.
	BookmarkPeriod time.Duration
	// FreshnessTimeout is how long a read waits for a revision that is yet to
	// come, in wall time. Zero: three seconds.
	FreshnessTimeout time.Duration
	// Patience is how long a watch waits for a client that does not read, in
	// wall time. Zero: a minute.
	Patience time.Duration
	// Metrics are shown at /metrics besides the handler's own.
	Metrics []prometheus.Collector
	// Audit, if set, is written an audit Event to for each stage of each
	// request, one line of JSON at a time.
	Audit io.Writer
	// PanicHandler, if set, is told what a recovered panic was.
	PanicHandler func(reason any, stack []byte)
}

// server is Config and what is worked out from it once.
type server struct {
	Config
	builtIn   *endpoints
	served    *served
	hub       *hub
	frames    *frameCache
	metrics   *serverMetrics
	slis      *sliMetrics
	auditing  sync.Mutex // held while a line is written to the audit log
	encodings *encodings
	zPages    func() http.Handler // made when it is first asked for

	certificates certificates
}

// NewHandler returns the API as an HTTP handler. It costs next to nothing: what
// is served is worked out at the first request, which most forks of a world
// never see, and documents are built when they are asked for.
func NewHandler(c Config) http.Handler {
	once := sync.OnceValue(func() *server { return newServer(c) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { once().ServeHTTP(w, r) })
}

func newServer(c Config) *server {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Ask == nil {
		c.Ask = NewAsker().Ask
	}
	if c.Version == (version.Info{}) {
		c.Version = Version()
	}
	if c.BookmarkPeriod == 0 {
		c.BookmarkPeriod = time.Minute
	}
	if c.FreshnessTimeout == 0 {
		c.FreshnessTimeout = 3 * time.Second
	}
	if c.Patience == 0 {
		c.Patience = time.Minute
	}
	s := &server{
		Config:    c,
		builtIn:   newEndpoints(c.Kinds.All()),
		served:    &served{world: c.Server.World, builtIn: c.Kinds.All(), version: c.Version},
		hub:       newHub(c.Store),
		frames:    newFrameCache(),
		slis:      newSLIMetrics(),
		encodings: newEncodings(),
	}
	s.metrics = newServerMetrics(s)
	s.zPages = sync.OnceValue(s.newZPages)
	return s
}

var requestInfos = &request.RequestInfoFactory{
	APIPrefixes:          sets.NewString("api", "apis"),
	GrouplessAPIPrefixes: sets.NewString("api"),
}

// parsePath works out what a request is about from its method, its path and
// whether it is a watch. The other parameters are left out: upstream's parser
// would read them too, and log those that are wrong.
func parsePath(r *http.Request) (*request.RequestInfo, error) {
	bare := &http.Request{Method: r.Method, URL: &url.URL{Path: r.URL.Path}}
	if watch, ok := r.URL.Query()["watch"]; ok {
		bare.URL.RawQuery = url.Values{"watch": watch}.Encode()
	}
	return requestInfos.NewRequestInfo(bare)
}

// ServeHTTP finds out who asks for what, and hands on.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o := s.observe(w, r)
	defer o.end()
	w = o
	defer s.recoverPanic(o, r)
	setCommonHeaders(w, r)

	info, err := parsePath(r)
	if err != nil {
		http.Error(w, auth.HTMLSafe(fmt.Sprintf("Internal Server Error: %q: failed to create RequestInfo: %v", r.URL.RequestURI(), err)), http.StatusInternalServerError)
		return
	}
	if err := checkTimeout(r, info); err != nil {
		writeError(w, r, err)
		return
	}
	bearer, err := s.authenticate(w, r)
	if err != nil || bearer.User.In(user.AllUnauthenticated) {
		endConnection(w, r)
	}
	if err != nil {
		o.unknown(info)
		writeError(w, r, err)
		return
	}
	asker := bearer.User
	o.identified(info, &bearer)
	acting, constraint, posing, err := s.impersonate(r, &asker, info)
	if err != nil {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		writeError(w, r, err)
		return
	}
	if posing {
		asker = acting
		o.impersonates(asker, constraint)
	}
	asked := attributesOf(r, &asker, info)
	s.classify(w, &asked, info)
	if err := s.authorize(w, &asked); err != nil {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		writeError(w, r, err)
		return
	}
	if info.IsResourceRequest && isBelowRoot(r.URL.Path) {
		s.serveResource(w, r, info, asker)
		return
	}
	s.servePath(w, r)
}

// setCommonHeaders sets what every answer carries.
func setCommonHeaders(w http.ResponseWriter, r *http.Request) {
	id := r.Header.Get("Audit-ID")
	if id == "" {
		id = uuid.NewString()
	}
	h := w.Header()
	h.Set("Audit-ID", id)
	h.Set("Cache-Control", "no-cache, private")
}

// recoverPanic answers 500 for a request that made us panic. If the answer
// had begun, all that can be done is to cut the connection.
func (s *server) recoverPanic(w *observed, r *http.Request) {
	reason := recover()
	if reason == nil {
		return
	}
	w.panicked(reason)
	if reason == http.ErrAbortHandler {
		panic(reason)
	}
	if s.PanicHandler != nil {
		s.PanicHandler(reason, debug.Stack())
	}
	text := fmt.Sprintf("This request caused apiserver to panic. Look in the logs for details: %v", reason)
	writeError(w, r, apierrors.NewGenericServerResponse(http.StatusInternalServerError, "", schema.GroupResource{}, "", text, 0, false))
}
