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

// Each has the operations that upstream's has, by their names there.
func TestOpenAPIOperations(t *testing.T) {
	w := newWorld(t)
	v2 := parse(t, w.mustSend("GET", "/openapi/v2", ""))
	for _, c := range []struct{ document, path, method, id, tag, description string }{
		{"version", "/version/", "get", "getCodeVersion", "version", "get the version information for this server"},
		{"api", "/api/", "get", "getCoreAPIVersions", "core", "get available API versions"},
		{"apis", "/apis/", "get", "getAPIVersions", "apis", "get available API versions"},
		{"apis/networking.k8s.io", "/apis/networking.k8s.io/", "get", "getNetworkingAPIGroup", "networking", "get information of a group"},
		{"api/v1", "/api/v1/", "get", "getCoreV1APIResources", "core_v1", "get available resources"},
		{"apis/rbac.authorization.k8s.io/v1", "/apis/rbac.authorization.k8s.io/v1/", "get", "getRbacAuthorizationV1APIResources", "rbacAuthorization_v1", "get available resources"},
		{".well-known/openid-configuration", "/.well-known/openid-configuration/", "get", "getServiceAccountIssuerOpenIDConfiguration", "WellKnown", "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'"},
		{"openid/v1/jwks", "/openid/v1/jwks/", "get", "getServiceAccountIssuerOpenIDKeyset", "openid", "get service account issuer OpenID JSON Web Key Set (contains public token verification keys)"},
		{"apis/apps/v1", "/apis/apps/v1/watch/deployments", "get", "watchAppsV1DeploymentListForAllNamespaces", "apps_v1", "watch individual changes to a list of Deployment. deprecated: use the 'watch' parameter with a list operation instead."},
		{"apis/apps/v1", "/apis/apps/v1/watch/namespaces/{namespace}/deployments", "get", "watchAppsV1NamespacedDeploymentList", "apps_v1", "watch individual changes to a list of Deployment. deprecated: use the 'watch' parameter with a list operation instead."},
		{"api/v1", "/api/v1/watch/nodes/{name}", "get", "watchCoreV1Node", "core_v1", "watch changes to an object of kind Node. deprecated: use the 'watch' parameter with a list operation instead, filtered to a single item with the 'fieldSelector' parameter."},
		{"api/v1", "/api/v1/namespaces/{namespace}/pods/{name}/exec", "post", "connectCoreV1PostNamespacedPodExec", "core_v1", "connect POST requests to exec of Pod"},
		{"api/v1", "/api/v1/nodes/{name}/proxy/{path}", "options", "connectCoreV1OptionsNodeProxyWithPath", "core_v1", "connect OPTIONS requests to proxy of Node"},
		{"api/v1", "/api/v1/namespaces/{namespace}/pods/{name}/log", "get", "readCoreV1NamespacedPodLog", "core_v1", "read log of the specified Pod"},
		{"api/v1", "/api/v1/componentstatuses", "get", "listCoreV1ComponentStatus", "core_v1", "list objects of kind ComponentStatus"},
	} {
		v3 := parse(t, w.mustSend("GET", "/openapi/v3/"+c.document, ""))
		for _, document := range []anyMap{v2, v3} {
			operation := dig(t, document, "paths", c.path, c.method)
			require.Equal(t, c.id, dig(t, operation, "operationId"))
			require.Equal(t, []any{c.tag}, dig(t, operation, "tags"), c.id)
			require.Equal(t, c.description, dig(t, operation, "description"))
			require.Contains(t, dig(t, operation, "responses"), "200", c.id)
		}
	}
}

// What is known in every group version is said to be of the document's own.
func TestOpenAPIKinds(t *testing.T) {
	document := parse(t, newWorld(t).mustSend("GET", "/openapi/v3/apis/batch/v1", ""))
	for _, kind := range []string{"DeleteOptions", "WatchEvent"} {
		require.Equal(t, []any{
			anyMap{"group": "", "kind": kind, "version": "v1"},
			anyMap{"group": "batch", "kind": kind, "version": "v1"},
		}, dig(t, document, "components", "schemas", "io.k8s.apimachinery.pkg.apis.meta.v1."+kind, "x-kubernetes-group-version-kind"))
	}
	require.Equal(t, "1.37", dig(t, document, "info", "version"))
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
