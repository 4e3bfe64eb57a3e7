package wire_test

import (
	"encoding/json"
	"net/http"
	"runtime"
	"testing"

	openapi_v2 "github.com/google/gnostic-models/openapiv2"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

type anyMap = map[string]any

func parse(t testing.TB, text string) anyMap {
	t.Helper()
	var out anyMap
	require.NoError(t, json.Unmarshal([]byte(text), &out), text)
	return out
}

func dig(t testing.TB, v any, path ...string) any {
	t.Helper()
	for _, name := range path {
		m, ok := v.(anyMap)
		require.True(t, ok, "%s of %v", name, path)
		require.Contains(t, m, name)
		v = m[name]
	}
	return v
}

func TestOpenAPIV3(t *testing.T) {
	w := newWorld(t)
	index := parse(t, w.mustSend("GET", "/openapi/v3", ""))
	url := dig(t, index, "paths", "apis/apps/v1", "serverRelativeURL").(string)

	code, text, header := w.send("GET", url, "")
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, "public, immutable", header.Get("Cache-Control"))
	document := parse(t, text)

	deployment := dig(t, document, "components", "schemas", "io.k8s.api.apps.v1.Deployment")
	require.Equal(t, []any{anyMap{"group": "apps", "kind": "Deployment", "version": "v1"}}, dig(t, deployment, "x-kubernetes-group-version-kind"))
	containers := dig(t, document, "components", "schemas", "io.k8s.api.core.v1.PodSpec", "properties", "containers")
	require.Equal(t, "name", dig(t, containers, "x-kubernetes-patch-merge-key"))
	require.Equal(t, "merge", dig(t, containers, "x-kubernetes-patch-strategy"))

	patch := dig(t, document, "paths", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", "patch")
	require.Equal(t, "patchAppsV1NamespacedDeployment", dig(t, patch, "operationId"))
	var names []any
	for _, p := range dig(t, patch, "parameters").([]any) {
		names = append(names, p.(anyMap)["name"])
	}
	require.Equal(t, []any{"dryRun", "fieldManager", "fieldValidation", "force"}, names)

	t.Run("etag", func(t *testing.T) {
		code, body, _ := w.send("GET", "/openapi/v3/apis/apps/v1", "", "If-None-Match: "+header.Get("Etag"))
		require.Equal(t, http.StatusNotModified, code)
		require.Empty(t, body)
	})
	t.Run("a hash of the past leads to the document of now", func(t *testing.T) {
		code, _, header := w.send("GET", "/openapi/v3/apis/apps/v1?hash=OLD", "")
		require.Equal(t, http.StatusMovedPermanently, code)
		require.Equal(t, url, header.Get("Location"))
	})
	t.Run("a group that is not there", func(t *testing.T) {
		code, _, _ := w.send("GET", "/openapi/v3/apis/nope/v1", "")
		require.Equal(t, http.StatusNotFound, code)
	})
}

func TestOpenAPIV2(t *testing.T) {
	w := newWorld(t)
	code, text, header := w.send("GET", "/openapi/v2", "")
	require.Equal(t, http.StatusOK, code)
	document := parse(t, text)
	require.Contains(t, dig(t, document, "definitions"), "io.k8s.api.core.v1.Pod")
	require.Equal(t, "createCoreV1NamespacedPodBinding", dig(t, document, "paths", "/api/v1/namespaces/{namespace}/pods/{name}/binding", "post", "operationId"))

	const accept = "com.github.proto-openapi.spec.v2@v1.0+protobuf"
	code, text, binary := w.send("GET", "/openapi/v2", "", "Accept: application/"+accept)
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, header.Get("Etag"), binary.Get("Etag"))
	require.NoError(t, proto.Unmarshal([]byte(text), &openapi_v2.Document{}))

	code, _, _ = w.send("GET", "/openapi/v2", "", "Accept: image/png")
	require.Equal(t, http.StatusNotAcceptable, code)
}

// BenchmarkOpenAPIV3 builds the largest document.
func BenchmarkOpenAPIV3(b *testing.B) {
	for range b.N {
		newWorld(b).mustSend("GET", "/openapi/v3/api/v1", "")
	}
}

// BenchmarkOpenAPIV2 reports what stays in memory besides.
func BenchmarkOpenAPIV2(b *testing.B) {
	var before, after runtime.MemStats
	for range b.N {
		w := newWorld(b)
		runtime.GC()
		runtime.ReadMemStats(&before)
		w.mustSend("GET", "/openapi/v2", "")
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(w)
	}
	b.ReportMetric(float64(after.HeapAlloc)-float64(before.HeapAlloc), "kept-B")
}
