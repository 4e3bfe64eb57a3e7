package wire_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/wire"
)

func TestTooLarge(t *testing.T) {
	w := newWorld(t)
	body := `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"x":"` + strings.Repeat("x", 3<<20) + `"}}`
	code, answer, _ := w.send("POST", configMaps, body)
	require.Equal(t, http.StatusRequestEntityTooLarge, code)
	require.Equal(t, "Request entity too large: limit is 3145728", parse(t, answer)["message"])
}

func TestPanicIsAStatus(t *testing.T) {
	var reason any
	w := newWorld(t, func(c *wire.Config) {
		c.Do = func(apiserver.Request) (apiserver.Response, error) { panic("oh") }
		c.PanicHandler = func(r any, _ []byte) { reason = r }
	})
	code, answer, _ := w.send("GET", "/api/v1/nodes", "")
	require.Equal(t, http.StatusInternalServerError, code)
	require.Equal(t, "InternalError", parse(t, answer)["reason"])
	require.Equal(t, "oh", reason)
}

// Large answers are compressed if the client can read that, small ones never.
func TestGzip(t *testing.T) {
	w := newWorld(t)
	w.putConfigMap("small", "")
	_, _, header := w.send("GET", configMaps, "", "Accept-Encoding: gzip")
	require.Empty(t, header.Get("Content-Encoding"))

	large := strings.Repeat("x", 200<<10)
	w.mustSend("POST", configMaps, `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"large"},"data":{"x":"`+large+`"}}`)
	for _, path := range []string{configMaps, configMaps + "/large"} {
		_, plain, header := w.send("GET", path, "")
		require.Empty(t, header.Get("Content-Encoding"))
		_, packed, header := w.send("GET", path, "", "Accept-Encoding: br, gzip;q=1")
		require.Equal(t, "gzip", header.Get("Content-Encoding"))
		reader, err := gzip.NewReader(bytes.NewReader([]byte(packed)))
		require.NoError(t, err)
		unpacked, err := io.ReadAll(reader)
		require.NoError(t, err)
		require.Equal(t, plain, string(unpacked))
	}
}

// What was asked is said in a few words, for the trace.
func TestReasonOfARequest(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct {
		header []string
		want   string
	}{
		{[]string{"User-Agent: kubectl/v1.37.2 (linux/amd64) kubernetes/abc", "Kubectl-Command: kubectl apply"}, "kubectl apply: get configmaps default/a"},
		{[]string{"User-Agent: my-operator/v0.0.0 (linux/amd64)"}, "my-operator: get configmaps default/a"},
		{nil, "request: get configmaps default/a"},
		{[]string{"User-Agent: " + strings.Repeat("long", 100)}, strings.Repeat("long", 16) + ": get configmaps default/a"},
	} {
		w.send("GET", configMaps+"/a", "", test.header...)
		require.Equal(t, test.want, w.lastRequest().Origin.Reason)
	}
	w.send("DELETE", configMaps, "")
	require.Equal(t, "request: deletecollection configmaps in default", w.lastRequest().Origin.Reason)
	w.send("GET", "/api/v1/namespaces/default", "", "User-Agent: curl/8.5.0")
	require.Equal(t, "curl: get namespaces default", w.lastRequest().Origin.Reason)
	require.Equal(t, "curl/8.5.0", w.lastRequest().UserAgent)
}
