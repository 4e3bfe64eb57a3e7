package minik8s_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/apiserver/outside"
)

// TestWebhooksShareTheTimeOfARequest: a webhook has its own timeout, or what
// is left of the request's; and when nothing is left, the request fails,
// whatever the failure policy says.
func TestWebhooksShareTheTimeOfARequest(t *testing.T) {
	t.Parallel()
	var given time.Duration
	cluster, err := minik8s.New(minik8s.Options{Ask: func(q outside.Question) outside.Answer {
		given = q.Timeout
		return outside.Answer{Err: "nobody there"}
	}})
	require.NoError(t, err)
	client := kubernetes.NewForConfigOrDie(cluster.RESTConfig())
	validating(t, client, admissionregistrationv1.ValidatingWebhook{
		ClientConfig:   admissionregistrationv1.WebhookClientConfig{URL: ptr.To("https://192.0.2.7/")},
		TimeoutSeconds: ptr.To[int32](20), FailurePolicy: ptr.To(admissionregistrationv1.Ignore),
	})
	for _, test := range []struct {
		timeout string
		most    time.Duration
		late    bool
	}{
		{timeout: "", most: 20 * time.Second},
		{timeout: "0s", most: 20 * time.Second},
		{timeout: "5h", most: 20 * time.Second},
		{timeout: "9s", most: 9 * time.Second},
		{timeout: "1ns", late: true},
	} {
		m := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "m-"}}
		err := client.CoreV1().RESTClient().Post().Resource("configmaps").Namespace("default").Param("timeout", test.timeout).Body(m).Do(t.Context()).Error()
		if test.late {
			requireStatus(t, err, 504, metav1.StatusReasonTimeout)
			requireTooLate(t, cluster)
			continue
		}
		require.NoError(t, err, test.timeout)
		require.LessOrEqual(t, given, test.most, test.timeout)
		require.Greater(t, given, test.most/2, test.timeout)
	}
}

// requireTooLate: who answers such a request is not who would have read what
// the client wants to read.
func requireTooLate(t *testing.T, cluster *minik8s.Cluster) {
	config := cluster.RESTConfig()
	client, err := rest.HTTPClientFor(config)
	require.NoError(t, err)
	answer, err := client.Post(config.Host+"/api/v1/namespaces/default/configmaps?timeout=1ns", "application/json",
		strings.NewReader(`{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "late"}}`))
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, 504, answer.StatusCode)
	require.Equal(t, "text/plain; charset=utf-8", answer.Header.Get("Content-Type"))
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.JSONEq(t, `{"metadata": {}, "status": "Failure", "message": "Timeout: request did not complete within the allotted timeout",
		"reason": "Timeout", "details": {}, "code": 504}`, string(body))
}
