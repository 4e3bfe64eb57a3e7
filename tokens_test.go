package minik8s_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/minik8s/minik8s"
)

// whoami asks the cluster whose a token is.
func whoami(t *testing.T, c *minik8s.Cluster, token string) (user authenticationv1.UserInfo, code int) {
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/api", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	answer := httptest.NewRecorder()
	c.Handler().ServeHTTP(answer, r)
	review, err := kubernetes.NewForConfigOrDie(c.RESTConfig()).AuthenticationV1().TokenReviews().Create(t.Context(),
		&authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}}, metav1.CreateOptions{})
	require.NoError(t, err)
	require.Equal(t, answer.Code == 200, review.Status.Authenticated)
	return review.Status.User, answer.Code
}

// A Secret that asks for a token of a service account has one for as long as both
// are there.
func TestTokenSecrets(t *testing.T) {
	t.Parallel()
	c, err := minik8s.New(minik8s.Options{})
	require.NoError(t, err)
	settle := func() {
		_, err := c.Settle(time.Minute)
		require.NoError(t, err)
	}
	require.NoError(t, c.Apply(`{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot}}`))
	manifest := func(name string) string {
		return `{apiVersion: v1, kind: Secret, metadata: {name: ` + name + `, annotations: {kubernetes.io/service-account.name: robot}}, type: kubernetes.io/service-account-token}`
	}
	settle()
	require.NoError(t, c.Apply(manifest("one")))
	require.NoError(t, c.Apply(manifest("two")))
	settle()

	client := kubernetes.NewForConfigOrDie(c.RESTConfig()).CoreV1()
	secret, err := client.Secrets("default").Get(t.Context(), "one", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, "default", string(secret.Data["namespace"]))
	require.Contains(t, string(secret.Data["ca.crt"]), "BEGIN CERTIFICATE")
	robot, code := whoami(t, c, string(secret.Data["token"]))
	require.Equal(t, 200, code)
	require.Equal(t, "system:serviceaccount:default:robot", robot.Username)
	used, err := client.Secrets("default").Get(t.Context(), "one", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"kubernetes.io/legacy-token-last-used": "2026-01-01"}, used.Labels)

	require.NoError(t, client.Secrets("default").Delete(t.Context(), "one", metav1.DeleteOptions{}))
	_, code = whoami(t, c, string(secret.Data["token"]))
	require.Equal(t, 401, code)
	require.NoError(t, client.ServiceAccounts("default").Delete(t.Context(), "robot", metav1.DeleteOptions{}))
	settle()
	secrets, err := client.Secrets("default").List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Empty(t, secrets.Items)
}
