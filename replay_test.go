package minik8s_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/minik8s/minik8s"
)

// TestWhatClientsSendReplays: the journal keeps bodies as they came, in whatever
// encoding and version, and they make the same world again.
func TestWhatClientsSendReplays(t *testing.T) {
	t.Parallel()
	c := settled(t, minik8s.Options{})
	for _, mediaType := range []string{"application/json", "application/vnd.kubernetes.protobuf"} {
		config := rest.CopyConfig(c.RESTConfig())
		config.ContentType = mediaType
		client, err := kubernetes.NewForConfig(config)
		require.NoError(t, err)
		maps := client.CoreV1().ConfigMaps("default")
		made, err := maps.Create(t.Context(), &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "made-", Labels: map[string]string{"empty": ""}},
			Data:       map[string]string{"key": "value"},
		}, metav1.CreateOptions{})
		require.NoError(t, err)
		made.Data["key"] = "another"
		_, err = maps.Update(t.Context(), made, metav1.UpdateOptions{})
		require.NoError(t, err)
	}
	for mediaType, body := range map[string]string{
		"application/yaml": "metadata: {name: yaml, labels: {}}\ndata: {n: '1'}\n",
		"application/json": `{"metadata":{"name":"unknown"},"data":{"n":"1"},"surprise":true}`,
	} {
		post(t, c, "/api/v1/namespaces/default/configmaps", mediaType, body)
	}
	// In a version that is not the stored one.
	post(t, c, "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers", "application/json",
		`{"metadata":{"name":"web"},"spec":{"maxReplicas":3,"targetCPUUtilizationPercentage":50,"scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"}}}`)
	settle(t, c)

	again, err := c.Replay(0)
	require.NoError(t, err)
	require.Equal(t, hash(t, c.Store()), hash(t, again.Store()))
}

// post creates an object that must be accepted.
func post(t *testing.T, c *minik8s.Cluster, path, mediaType, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://minik8s"+path, bytes.NewBufferString(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", mediaType)
	answer, err := c.Transport().RoundTrip(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, answer.StatusCode, "%s", said)
}
