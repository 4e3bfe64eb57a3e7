package wire_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMoreThanEtcdTakes writes objects that no etcd would store.
func TestMoreThanEtcdTakes(t *testing.T) {
	w := newWorld(t)
	const pods = "/api/v1/namespaces/default/pods"
	pod := func(name string, size int) string {
		return fmt.Sprintf(`{"metadata":{"name":%q},"spec":{"containers":[{"name":"c","image":"i","args":[%q]}]}}`, name, strings.Repeat("x", size))
	}
	tooLarge := func(method, path, body, contentType, message string) {
		t.Helper()
		before := w.store.Revision()
		code, answer, _ := w.send(method, path, body, contentType)
		require.Equal(t, 500, code)
		require.Contains(t, answer, message)
		require.Equal(t, before, w.store.Revision(), "nothing is written")
	}
	w.mustSend("POST", "/api/v1/namespaces/default/serviceaccounts", `{"metadata":{"name":"default"}}`, asJSON)
	w.mustSend("POST", pods, pod("large", 1_500_000), asJSON)
	tooLarge("POST", pods, pod("larger", 1_573_000), asJSON, `"message":"etcdserver: request is too large","code":500`)
	tooLarge("POST", pods, pod("largest", 2_200_000), asJSON, `"message":"rpc error: code = ResourceExhausted desc = trying to send message larger than max (22`)
	w.mustSend("POST", pods+"?dryRun=All", pod("larger", 1_573_000), asJSON)
	annotation := `{"metadata":{"annotations":{"a":"` + strings.Repeat("x", 200_000) + `"}}}`
	tooLarge("PATCH", pods+"/large", annotation, "Content-Type: application/merge-patch+json", "etcdserver: request is too large")
}

// TestManagersGoFirst writes an object that fits without its managers.
func TestManagersGoFirst(t *testing.T) {
	w := newWorld(t)
	var data []string
	for i := range 35_000 {
		data = append(data, fmt.Sprintf(`"key-of-16-by-%05d":""`, i))
	}
	object := func(name string) string {
		return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"` + name + `"},"data":{` + strings.Join(data, ",") + `}}`
	}
	require.NotContains(t, w.mustSend("POST", configMaps, object("created"), asJSON), "managedFields")
	require.NotContains(t, w.mustSend("PUT", configMaps+"/created", object("created"), asJSON), "managedFields")

	code, answer, _ := w.send("PATCH", configMaps+"/applied?fieldManager=m", object("applied"), "Content-Type: application/apply-patch+yaml")
	require.Equal(t, 500, code)
	require.Contains(t, answer, "etcdserver: request is too large")
}
