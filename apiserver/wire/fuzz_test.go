package wire_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/minik8s/minik8s/apiserver/wire"
)

// .ci/fuzz runs each of these for a few seconds. What they find goes to
// testdata/fuzz, and from then on is part of every test run.

// fuzzWorld is a world in which a panic fails the test at hand.
func fuzzWorld(f *testing.F) *world {
	return newWorld(f, func(c *wire.Config) {
		c.PanicHandler = func(reason any, stack []byte) { panic(fmt.Sprintf("%v\n%s", reason, stack)) }
	})
}

// answers sends a request, which may be wrong in any way, and fails if the
// answer says that we are. It skips what no client could send.
func (w *world) answers(t *testing.T, method, target, contentType, accept, body string) {
	r, err := http.NewRequest(method, "http://minik8s", strings.NewReader(body))
	if err != nil {
		return
	}
	if r.URL, err = r.URL.Parse(target); err != nil || !strings.HasPrefix(r.URL.Path, "/") {
		return
	}
	r.URL.Scheme, r.URL.Host = "http", "minik8s"
	r.Header = http.Header{"Content-Type": {contentType}, "Accept": {accept}}
	res, err := wire.NewTransport(w.handler, admin).RoundTrip(r)
	require.NoError(t, err)
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	// Upstream, too, says 500 to some strategic merge patches, to paths and
	// resource versions that its parsers refuse, and if its answer cannot be YAML.
	known := method == http.MethodPatch
	for _, text := range []string{"failed to create RequestInfo", "resourceVersion: Invalid value", "yaml: control characters are not allowed"} {
		known = known || strings.Contains(string(answer), text)
	}
	if !known {
		require.NotEqual(t, http.StatusInternalServerError, res.StatusCode, string(answer))
	}
}

// FuzzBody sends any body in any form where objects are expected.
func FuzzBody(f *testing.F) {
	f.Add(uint8(0), "application/json", `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","labels":{"a":"b"}},"data":{"a":"1","a":"2"}}`)
	f.Add(uint8(0), "application/yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: &m\n  name: a\n  labels: *m\n")
	f.Add(uint8(0), "application/vnd.kubernetes.protobuf", "k8s\x00\n\x0f\n\x02v1\x12\tConfigMap\x12\x07\n\x05\n\x01a\x12\x00\x1a\x00\"\x00")
	f.Add(uint8(6), "application/vnd.kubernetes.protobuf", inProtobuf(f, &appsv1.ControllerRevision{Data: runtime.RawExtension{Raw: []byte("{")}}))
	f.Add(uint8(7), "application/vnd.kubernetes.protobuf", nestedSchema(20))
	f.Add(uint8(1), "application/json", `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1e99"}},"ports":[{"containerPort":99999999999}]}]}}`)
	f.Add(uint8(2), "application/json", `{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"d"},"spec":{"replicas":-1,"selector":{"matchExpressions":[{"key":"","operator":"?"}]},"template":{}}}`)
	f.Add(uint8(3), "application/json", `{"spec":{"ports":[{"port":0,"targetPort":{}}],"clusterIP":"::","ipFamilies":["IPv9"]}}`)
	f.Add(uint8(4), "application/json", `{"metadata":{"creationTimestamp":"yesterday"},"lastTimestamp":"9999-99-99T99:99:99Z","series":{"count":1}}`)
	f.Add(uint8(5), "application/json", `{"spec":{"metrics":[{"type":"Resource"}],"behavior":{"scaleUp":{"policies":[{}]}}}}`)
	paths := []string{
		configMaps, "/api/v1/namespaces/default/pods", "/apis/apps/v1/namespaces/default/deployments", "/api/v1/namespaces/default/services",
		"/apis/events.k8s.io/v1/namespaces/default/events", "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
		"/apis/apps/v1/namespaces/default/controllerrevisions", customResourceDefinitions,
	}
	w := fuzzWorld(f)
	f.Fuzz(func(t *testing.T, which uint8, contentType, body string) {
		w.answers(t, http.MethodPost, paths[int(which)%len(paths)]+"?dryRun=All", contentType, "", body)
	})
}

// FuzzPatch sends any patch of any type.
func FuzzPatch(f *testing.F) {
	f.Add("application/json-patch+json", `[{"op":"copy","from":"/metadata","path":"/metadata/x"},{"op":"test","path":"/data","value":null}]`)
	f.Add("application/merge-patch+json", `{"metadata":{"labels":null,"finalizers":[""]},"data":{"a":{}}}`)
	f.Add("application/strategic-merge-patch+json", `{"metadata":{"$deleteFromPrimitiveList/finalizers":[1],"ownerReferences":[{"$patch":"replace"}]}}`)
	f.Add("application/apply-patch+yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {a: 1}\n")
	w := fuzzWorld(f)
	w.putConfigMap("a", "label")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		w.answers(t, http.MethodPatch, configMaps+"/a?dryRun=All&fieldManager=fuzz", contentType, "", body)
	})
}

// FuzzList asks for lists with any parameters, in any form.
func FuzzList(f *testing.F) {
	f.Add("labelSelector=a+in+(b,c),!d&fieldSelector=metadata.name!%3Da", "application/json")
	f.Add("limit=1&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiYVx1MDAwMCJ9", "application/yaml")
	f.Add("resourceVersion=3&resourceVersionMatch=Exact&limit=-1&timeoutSeconds=x", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")
	f.Add("includeObject=Object&pretty=true", "application/json;as=Table;g=meta.k8s.io;v=v1beta1,application/vnd.kubernetes.protobuf;q=0.5")
	w := fuzzWorld(f)
	w.putConfigMap("a", "label")
	w.putConfigMap("b", "label")
	f.Fuzz(func(t *testing.T, query, accept string) {
		if strings.Contains(strings.ToLower(query), "watch") {
			return // never ends
		}
		target := (&url.URL{Path: configMaps, RawQuery: query}).String()
		w.answers(t, http.MethodGet, target, "", accept, "")
	})
}

// FuzzRouter asks for any path with any method.
func FuzzRouter(f *testing.F) {
	for _, path := range []string{
		"/api/v1/namespaces/default/configmaps/a%2Fb", "//api//v1//", "/apis/apps/v1/namespaces//deployments/d/scale", "/openapi/v3/apis/../x?hash=1",
		"/api/v1/proxy/nodes", "/apis/../api/v1/./pods", "/livez/ping/", "/debug/pprof/cmdline", "/metrics/", "/api/v1/namespaces/default/finalize",
	} {
		f.Add("GET", path)
		f.Add("DELETE", path)
	}
	w := fuzzWorld(f)
	f.Fuzz(func(t *testing.T, method, path string) {
		if method == http.MethodConnect || strings.Contains(path, "watch") || strings.Contains(path, "pprof") {
			return // never ends, or takes its time
		}
		w.answers(t, method, path, "", "", "{}")
	})
}
