package minik8s

import (
	"github.com/prometheus/client_golang/prometheus"
)

// clockMetrics are what /metrics tells of the simulator, beside what every
// API server tells of itself.
type clockMetrics struct{ c *Cluster }

var (
	turnsTotal = prometheus.NewDesc("minik8s_turns_total", "Turns that a component has had.", []string{"component"}, nil)
	queueDepth = prometheus.NewDesc("minik8s_queue_depth", "Keys that wait for a turn of a component, those of heartbeats included.", []string{"component"}, nil)
)

// Describe implements prometheus.Collector.
func (m clockMetrics) Describe(to chan<- *prometheus.Desc) {
	to <- turnsTotal
	to <- queueDepth
}

// Collect implements prometheus.Collector.
func (m clockMetrics) Collect(to chan<- prometheus.Metric) {
	for name, n := range m.count() {
		to <- prometheus.MustNewConstMetric(turnsTotal, prometheus.CounterValue, float64(n.turns), name)
		to <- prometheus.MustNewConstMetric(queueDepth, prometheus.GaugeValue, float64(n.queued), name)
	}
}

type componentCounts struct{ turns, queued int64 }

func (m clockMetrics) count() map[string]componentCounts {
	m.c.mu.Lock()
	defer m.c.mu.Unlock()
	turns, queued := m.c.engine.Turns(), m.c.engine.Queued()
	counts := map[string]componentCounts{}
	for i, component := range m.c.engine.Components() {
		counts[component.Name] = componentCounts{turns[i], queued[i]}
	}
	return counts
}
