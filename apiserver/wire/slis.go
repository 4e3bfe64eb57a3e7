package wire

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const slisPath = "/metrics/slis"

// sliMetrics are what service level indicators are made of: how the health
// checks went.
//
// Upstream: k8s.io/component-base/metrics/prometheus/slis, complete.
type sliMetrics struct {
	*prometheus.Registry
	last  *prometheus.GaugeVec
	total *prometheus.CounterVec
}

func newSLIMetrics() *sliMetrics {
	m := &sliMetrics{
		Registry: prometheus.NewRegistry(),
		last: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "kubernetes_healthcheck",
			Help: "[STABLE] This metric records the result of a single healthcheck.",
		}, []string{"name", "type"}),
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "kubernetes_healthchecks_total",
			Help: "[STABLE] This metric records the results of all healthcheck.",
		}, []string{"name", "type", "status"}),
	}
	started := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "process_start_time_seconds",
		Help: "[ALPHA] Start time of the process since unix epoch in seconds.",
	})
	started.Set(float64(time.Now().UnixNano()) / float64(time.Second))
	m.MustRegister(m.last, m.total, started)
	return m
}

// passed notes that the checks of a health path have been made.
func (m *sliMetrics) passed(path string) {
	for _, check := range healthChecks[path] {
		m.last.WithLabelValues(check, path).Set(1)
		m.total.WithLabelValues(check, path, "success").Inc()
	}
}

func (m *sliMetrics) reset() {
	m.last.Reset()
	m.total.Reset()
}
