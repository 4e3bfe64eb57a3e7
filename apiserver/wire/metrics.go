package wire

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// serverMetrics are what /metrics tells of the API server, in a registry of
// its own: there may be several worlds in a process.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/metrics, of which this has the metrics that monitoring of clusters is built on, without the sizes of answers and events, aborted requests and priority levels.
type serverMetrics struct {
	*prometheus.Registry
	requests    *prometheus.CounterVec
	durations   *prometheus.HistogramVec
	longRunning *prometheus.GaugeVec
	inFlight    [2]prometheus.Gauge // readOnly, mutating

	mu     sync.RWMutex
	series map[seriesKey]*series
}

// seriesKey is what the labels of a request's series are made from. Looking a
// series up by it allocates nothing.
type seriesKey struct {
	resource    schema.GroupVersionResource // zero: subresource is a path
	subresource string
	verb        string
	scope       string
	dryRun      bool
	code        int
}

type series struct {
	requests prometheus.Counter
	duration prometheus.Observer
}

// durationBuckets are upstream's, in seconds.
var durationBuckets = []float64{0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60}

var (
	requestLabels  = []string{"verb", "dry_run", "group", "version", "resource", "subresource", "scope", "component"}
	longRunLabels  = []string{"verb", "group", "version", "resource", "subresource", "scope", "component"}
	readOnlyVerbs  = []string{"get", "list", "watch"}
	componentLabel = "apiserver"
)

func newServerMetrics(s *server) *serverMetrics {
	m := &serverMetrics{
		Registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "apiserver_request_total",
			Help: "[STABLE] Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, scope, component, and HTTP response code.",
		}, append(slices.Clone(requestLabels), "code")),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "apiserver_request_duration_seconds",
			Help:    "[STABLE] Response latency distribution in seconds for each verb, dry run value, group, version, resource, subresource, scope and component.",
			Buckets: durationBuckets,
			// For those who ask in protobuf, buckets that grow by a tenth.
			NativeHistogramBucketFactor:    1.1,
			NativeHistogramMaxBucketNumber: 160,
		}, requestLabels),
		longRunning: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "apiserver_longrunning_requests",
			Help: "[STABLE] Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope and component. Not all requests are tracked this way.",
		}, longRunLabels),
		series: map[seriesKey]*series{},
	}
	inFlight := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "apiserver_current_inflight_requests",
		Help: "[STABLE] Number of requests that are being served, per request kind, long-running ones not included.",
	}, []string{"request_kind"})
	m.inFlight = [2]prometheus.Gauge{inFlight.WithLabelValues("readOnly"), inFlight.WithLabelValues("mutating")}
	m.MustRegister(m.requests, m.durations, m.longRunning, inFlight,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "minik8s_revision", Help: "Revision of the newest write.",
		}, func() float64 { return float64(s.Store.Revision()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "minik8s_watchers", Help: "Watches that are open.",
		}, func() float64 { return float64(s.hub.count()) }),
		flowMetrics{s.Store},
	)
	m.MustRegister(s.Metrics...)
	return m
}

// metricSet is what is shown together, and can begin anew.
type metricSet interface {
	prometheus.Gatherer
	reset()
}

// serveMetrics answers with all of a set, or begins it anew.
//
// Upstream: k8s.io/component-base/metrics/legacyregistry (HandlerWithReset), without forgetting the requests that are being served.
func serveMetrics(set metricSet, w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodDelete {
		set.reset()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		fmt.Fprintln(w, "metrics reset")
		return
	}
	promhttp.HandlerFor(set, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}

func (m *serverMetrics) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests.Reset()
	m.durations.Reset()
	clear(m.series)
}

func (m *serverMetrics) enter(o *observed) {
	if !isLong(o.info) {
		m.inFlightOf(o).Inc()
	}
}

func (m *serverMetrics) leave(o *observed) {
	if !isLong(o.info) {
		m.inFlightOf(o).Dec()
	}
	key := seriesKey{verb: metricVerb(o), scope: scopeOf(o), dryRun: o.r.Method != http.MethodGet && isDryRun(o.r), code: o.code}
	switch {
	case o.endpoint != nil:
		key.resource, key.subresource = o.endpoint.resource, o.endpoint.subresource
	case isHealthPath(o.info.Path):
		key.subresource = o.info.Path
	default:
		return // what is not served must not make series without end
	}
	s := m.of(key)
	s.requests.Inc()
	if !isLong(o.info) {
		s.duration.Observe(time.Since(o.began).Seconds())
	}
}

// long counts a long-running request in; the result counts it out.
func (m *serverMetrics) long(o *observed) (out func()) {
	e := o.endpoint
	g := m.longRunning.WithLabelValues(metricVerb(o), e.resource.Group, e.resource.Version, e.resource.Resource, e.subresource, scopeOf(o), componentLabel)
	g.Inc()
	return g.Dec
}

func (m *serverMetrics) inFlightOf(o *observed) prometheus.Gauge {
	if slices.Contains(readOnlyVerbs, o.info.Verb) {
		return m.inFlight[0]
	}
	return m.inFlight[1]
}

func (m *serverMetrics) of(key seriesKey) *series {
	m.mu.RLock()
	known := m.series[key]
	m.mu.RUnlock()
	if known != nil {
		return known
	}
	labels := []string{key.verb, "", key.resource.Group, key.resource.Version, key.resource.Resource, key.subresource, key.scope, componentLabel}
	if key.dryRun {
		labels[1] = "All"
	}
	if key.resource.Resource == "" {
		labels[7] = ""
	}
	made := &series{duration: m.durations.WithLabelValues(labels...), requests: m.requests.WithLabelValues(append(labels, strconv.Itoa(key.code))...)}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.series[key] = made
	return made
}

// metricVerb is the verb as upstream's metrics spell it.
func metricVerb(o *observed) string {
	switch verb := o.info.Verb; verb {
	case "list", "watch", "deletecollection":
		return strings.ToUpper(verb)
	case "patch":
		if strings.HasPrefix(o.r.Header.Get("Content-Type"), "application/apply-patch") {
			return "APPLY"
		}
	}
	switch method := o.r.Method; method {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return method
	}
	return "other"
}

func isDryRun(r *http.Request) bool {
	return strings.Contains(r.URL.RawQuery, "dryRun") && len(r.URL.Query()["dryRun"]) > 0
}

// scopeOf says how much a request is about.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/metrics (CleanScope).
func scopeOf(o *observed) string {
	switch info := o.info; {
	case info.Name != "" || info.Verb == "create":
		return "resource"
	case info.Namespace != "":
		return "namespace"
	case info.IsResourceRequest:
		return "cluster"
	}
	return ""
}
