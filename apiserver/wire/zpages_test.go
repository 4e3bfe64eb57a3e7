package wire_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who resets the metrics sees requests counted from then on.
func TestMetricsReset(t *testing.T) {
	w := newWorld(t)
	const count = `apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="namespaces",scope="resource",subresource="",verb="GET",version="v1"} `
	for range 2 {
		w.mustSend("GET", "/api/v1/namespaces/default", "")
	}
	require.Contains(t, w.mustSend("GET", "/metrics", ""), count+"2\n")
	require.Equal(t, "metrics reset\n", w.mustSend("DELETE", "/metrics", ""))
	require.NotContains(t, w.mustSend("GET", "/metrics", ""), count)
	w.mustSend("GET", "/api/v1/namespaces/default", "")
	require.Contains(t, w.mustSend("GET", "/metrics", ""), count+"1\n")
}

func TestStatusz(t *testing.T) {
	w := newWorld(t)
	code, text, header := w.send("GET", "/statusz", "", "Accept: application/json;v=v1beta1;g=config.k8s.io;as=Statusz")
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, "application/json;g=config.k8s.io;v=v1beta1;as=Statusz", header.Get("Content-Type"))
	status := parse(t, text)
	require.Equal(t, "1.37.2", dig(t, status, "binaryVersion"))
	require.Equal(t, "1.37", dig(t, status, "emulationVersion"))
	require.Equal(t, []any{"/flagz", "/healthz", "/livez", "/metrics", "/readyz", "/statusz", "/version"}, dig(t, status, "paths"))
	require.Contains(t, w.mustSend("GET", "/statusz", ""), "\napiserver statusz\nWarning: ")
	require.Contains(t, w.mustSend("GET", "/flagz", ""), "\napiserver flagz\nWarning: ")
}
