package wire_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/wire"
)

// bearing is a client that shows nothing but a token.
func bearing(t *testing.T, config *rest.Config, token string) *kubernetes.Clientset {
	other := rest.AnonymousClientConfig(config)
	other.BearerToken = token
	client, err := kubernetes.NewForConfig(other)
	require.NoError(t, err)
	return client
}

func whoami(t *testing.T, client kubernetes.Interface) authenticationv1.UserInfo {
	review, err := client.AuthenticationV1().SelfSubjectReviews().Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	require.NoError(t, err)
	return review.Status.UserInfo
}

// A service account's token, as kubectl create token asks for it, is good for
// what its roles say, over TLS and with real clients.
func TestServiceAccountToken(t *testing.T) {
	_, config := server(t)
	admin, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	_, err = admin.CoreV1().ServiceAccounts("default").Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "robot"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	request, err := admin.CoreV1().ServiceAccounts("default").CreateToken(t.Context(), "robot", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	require.NoError(t, err)

	robot := bearing(t, config, request.Status.Token)
	require.Equal(t, "system:serviceaccount:default:robot", whoami(t, robot).Username)
	_, err = robot.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{})
	require.EqualError(t, err, `pods is forbidden: User "system:serviceaccount:default:robot" cannot list resource "pods" in API group "" in the namespace "default"`)
	_, err = robot.CoreV1().Pods("default").Watch(t.Context(), metav1.ListOptions{})
	require.EqualError(t, err, `pods is forbidden: User "system:serviceaccount:default:robot" cannot watch resource "pods" in API group "" in the namespace "default"`)

	_, err = admin.RbacV1().RoleBindings("default").Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "robot"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "system:aggregate-to-view"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: "robot", Namespace: "default"}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = robot.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	may, err := robot.AuthorizationV1().SelfSubjectAccessReviews().Create(t.Context(), &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: "default", Verb: "list", Resource: "pods"}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	require.True(t, may.Status.Allowed)

	require.NoError(t, admin.CoreV1().ServiceAccounts("default").Delete(t.Context(), "robot", metav1.DeleteOptions{}))
	_, err = robot.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{})
	require.EqualError(t, err, "Unauthorized")
}

// Others can find out how to check tokens.
func TestIssuer(t *testing.T) {
	w := newWorld(t)
	document := parse(t, w.mustSend("GET", "/.well-known/openid-configuration", ""))
	require.Equal(t, "https://kubernetes.default.svc.cluster.local/openid/v1/jwks", document["jwks_uri"])
	require.Equal(t, []any{"ES256"}, document["id_token_signing_alg_values_supported"])
	key := dig(t, parse(t, w.mustSend("GET", "/openid/v1/jwks", "")), "keys").([]any)[0].(map[string]any)
	require.Equal(t, "P-256", key["crv"])
	require.Len(t, key["x"], 43)
}

// impersonate sends a request as somebody who poses as somebody else.
func (w *world) impersonate(as apiserver.User, header http.Header) (int, map[string]any) {
	r, err := http.NewRequestWithContext(context.Background(), "GET", "http://minik8s/api/v1/namespaces/default/pods", nil)
	require.NoError(w.t, err)
	r.Header = header
	res, err := wire.NewTransport(w.handler, as).RoundTrip(r)
	require.NoError(w.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	return res.StatusCode, parse(w.t, string(body))
}

func TestImpersonation(t *testing.T) {
	w := newWorld(t)
	code, _ := w.impersonate(admin, http.Header{
		"Impersonate-User": {"eve"}, "Impersonate-Group": {"system:masters", "b"}, "Impersonate-Uid": {"7"}, "Impersonate-Extra-A%2fb": {"c", "d"},
	})
	require.Equal(t, 200, code)
	require.Equal(t, apiserver.User{
		Name: "eve", UID: "7", Groups: []string{"system:masters", "b", "system:authenticated"}, Extra: map[string][]string{"a/b": {"c", "d"}},
	}, w.lastRequest().User)

	for _, tt := range []struct {
		as     apiserver.User
		header http.Header
		code   int
		want   string
	}{
		{admin, http.Header{"Impersonate-User": {"eve"}}, 403, `pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the namespace "default"`},
		{admin, http.Header{"Impersonate-User": {"system:serviceaccount:a:b"}}, 403, `pods is forbidden: User "system:serviceaccount:a:b" cannot list resource "pods" in API group "" in the namespace "default"`},
		{apiserver.User{Name: "eve"}, http.Header{"Impersonate-User": {"bob"}}, 403, `users "bob" is forbidden: User "eve" cannot impersonate resource "users" in API group "" at the cluster scope`},
		{apiserver.User{Name: "eve"}, http.Header{"Impersonate-User": {"system:serviceaccount:a:b"}}, 403, `serviceaccounts "b" is forbidden: User "eve" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "a"`},
		{admin, http.Header{"Impersonate-Group": {"a"}}, 400, `requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a"}, Extra:map[string][]string(nil)} without impersonating a user name`},
	} {
		code, status := w.impersonate(tt.as, tt.header)
		require.Equal(t, tt.code, code)
		require.Equal(t, tt.want, status["message"])
	}
}
