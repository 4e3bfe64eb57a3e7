package minik8s_test

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s"
)

func get(t *testing.T, c *minik8s.Cluster, path string) string {
	t.Helper()
	r, err := http.NewRequest("GET", "http://minik8s"+path, nil)
	require.NoError(t, err)
	res, err := c.Transport().RoundTrip(r)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, res.StatusCode, string(body))
	return string(body)
}

func TestClockMetrics(t *testing.T) {
	c, err := minik8s.New(minik8s.Options{})
	require.NoError(t, err)
	_, err = c.Settle(time.Minute)
	require.NoError(t, err)
	text := get(t, c, "/metrics")
	require.Regexp(t, regexp.MustCompile(`minik8s_turns_total\{component="kubelet"\} [1-9]`), text)
	require.Regexp(t, regexp.MustCompile(`minik8s_queue_depth\{component="kubelet"\} [1-9]`), text, "heartbeats wait")
	require.Regexp(t, regexp.MustCompile(`minik8s_revision [1-9]`), text)
}

func TestForksWriteNoAuditLog(t *testing.T) {
	var log bytes.Buffer
	c, err := minik8s.New(minik8s.Options{AuditLog: &log})
	require.NoError(t, err)
	get(t, c.Fork(), "/version")
	require.Empty(t, log.String())
	get(t, c, "/version")
	require.Contains(t, log.String(), `"stage":"ResponseComplete"`)
}
