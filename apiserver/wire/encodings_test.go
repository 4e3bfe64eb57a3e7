package wire_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// A list that is put together from its items' encodings, and a watch event,
// are byte for byte what encoding them as a whole gives.
func TestSharedEncodingsAreWhole(t *testing.T) {
	w := newWorld(t)
	w.mustSend("POST", configMaps, `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"x":"<&>\u2028 \"\\"}}`)
	w.putConfigMap("b", "web")
	for _, query := range []string{"", "?limit=1"} {
		answer := w.mustSend("GET", configMaps+query, "")
		list := &corev1.ConfigMapList{}
		require.NoError(t, json.Unmarshal([]byte(answer), list))
		require.NotEmpty(t, list.Items)
		require.Equal(t, encodedWhole(t, list), answer)
	}
	event, err := w.watch(configMaps + "?watch=1").lines.ReadBytes('\n')
	require.NoError(t, err)
	object := bytes.TrimSpace([]byte(w.mustSend("GET", configMaps+"/a", "")))
	require.Equal(t, `{"type":"ADDED","object":`+string(object)+"}\n", string(event))
}

func encodedWhole(t *testing.T, obj runtime.Object) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	require.NoError(t, encoder.Encode(obj))
	return out.String()
}

// An object that is written again is not answered from what was kept of the
// old one, nor is a dry run's taken for the stored one.
func TestSharedEncodingsFollowWrites(t *testing.T) {
	w := newWorld(t)
	w.putConfigMap("a", "one")
	require.Contains(t, w.mustSend("GET", configMaps+"/a", ""), `"l":"one"`)
	patch := `{"metadata":{"labels":{"l":"two"}}}`
	dry := w.mustSend("PATCH", configMaps+"/a?dryRun=All", patch, "Content-Type: application/merge-patch+json")
	require.Contains(t, dry, `"l":"two"`)
	require.Contains(t, w.mustSend("GET", configMaps, ""), `"l":"one"`)
	w.mustSend("PATCH", configMaps+"/a", patch, "Content-Type: application/merge-patch+json")
	require.Contains(t, w.mustSend("GET", configMaps, ""), `"l":"two"`)
}
