package wire

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/store"
)

// requestsAtOnce is how many requests a server with default flags serves at a
// time, and shares out among the priority levels.
const requestsAtOnce = 600

var nominalSeats = prometheus.NewDesc("apiserver_flowcontrol_nominal_limit_seats",
	"[BETA] Nominal number of execution seats configured for each priority level", []string{"priority_level"}, nil)

// flowMetrics tells which part of a server each priority level would have.
//
// Upstream: k8s.io/apiserver/pkg/util/flowcontrol (metrics), without what is measured: no request has to wait.
type flowMetrics struct{ store *store.Store }

// Describe implements prometheus.Collector.
func (flowMetrics) Describe(to chan<- *prometheus.Desc) { to <- nominalSeats }

// Collect implements prometheus.Collector.
func (m flowMetrics) Collect(to chan<- prometheus.Metric) {
	var levels []*flowcontrolv1.PriorityLevelConfiguration
	total := 0.0
	for o := range m.store.Snapshot().List(reconcile.PriorityLevelConfigurations.GroupResource, "") {
		level := o.Value.(*flowcontrolv1.PriorityLevelConfiguration)
		levels, total = append(levels, level), total+shares(level)
	}
	for _, level := range levels {
		seats := 0.0
		if total > 0 {
			seats = math.Ceil(requestsAtOnce * shares(level) / total)
		}
		to <- prometheus.MustNewConstMetric(nominalSeats, prometheus.GaugeValue, seats, level.Name)
	}
}

func shares(level *flowcontrolv1.PriorityLevelConfiguration) float64 {
	switch {
	case level.Spec.Limited != nil:
		return float64(ptr.Deref(level.Spec.Limited.NominalConcurrencyShares, 0))
	case level.Spec.Exempt != nil:
		return float64(ptr.Deref(level.Spec.Exempt.NominalConcurrencyShares, 0))
	}
	return 0
}
