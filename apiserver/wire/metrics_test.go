package wire

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

// Those who ask for metrics in protobuf get finer histograms besides.
func TestNativeHistograms(t *testing.T) {
	m := newServerMetrics(&server{})
	m.of(seriesKey{verb: "GET", code: 200}).duration.Observe(0.3)
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.durations)
	families, err := registry.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	histogram := families[0].GetMetric()[0].GetHistogram()
	require.EqualValues(t, 3, histogram.GetSchema(), "buckets that grow by a tenth at most")
	require.NotEmpty(t, histogram.GetPositiveSpan())
	require.Len(t, histogram.GetBucket(), len(durationBuckets))
}
