package wire_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
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
	if res.StatusCode >= 400 {
		require.Equal(w.t, "nosniff", res.Header.Get("X-Content-Type-Options"))
	}
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
		{apiserver.User{Name: "eve"}, http.Header{"Impersonate-User": {"bob"}}, 403, `pods is forbidden: User "eve" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "default"`},
		{apiserver.User{Name: "eve"}, http.Header{"Impersonate-User": {"system:serviceaccount:a:b"}}, 403, `pods is forbidden: User "eve" cannot impersonate-on:serviceaccount:list resource "pods" in API group "" in the namespace "default"`},
		{admin, http.Header{"Impersonate-Group": {"a"}}, 400, `requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a"}, Extra:map[string][]string(nil)} without impersonating a user name`},
	} {
		code, status := w.impersonate(tt.as, tt.header)
		require.Equal(t, tt.code, code)
		require.Equal(t, tt.want, status["message"])
	}
}

// The verbs of 1.36 let somebody be somebody for some requests only, and never
// more than the old one would.
func TestConstrainedImpersonation(t *testing.T) {
	w := newWorld(t)
	role := func(name, rules string) {
		w.mustSend("POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"`+name+`"},"rules":[`+rules+`]}`)
		w.mustSend("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", `{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{"name":"`+name+`"},
			"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"`+name+`"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"`+name+`"}]}`)
	}
	role("old", `{"apiGroups":[""],"resources":["users","groups"],"verbs":["impersonate"]}`)
	role("support", `{"apiGroups":[""],"resources":["pods"],"verbs":["impersonate-on:user-info:list"]},
		{"apiGroups":["authentication.k8s.io"],"resources":["users"],"resourceNames":["bob"],"verbs":["impersonate:user-info"]},
		{"apiGroups":["authentication.k8s.io"],"resources":["groups"],"verbs":["impersonate:user-info"]}`)
	role("wide", `{"apiGroups":[""],"resources":["configmaps"],"verbs":["impersonate-on:user-info:list"]}`)
	role("operator", `{"apiGroups":[""],"resources":["pods"],"verbs":["impersonate-on:arbitrary-node:list"]},
		{"apiGroups":["authentication.k8s.io"],"resources":["nodes"],"resourceNames":["node-1"],"verbs":["impersonate:arbitrary-node"]}`)
	role("system:serviceaccount:default:agent", `{"apiGroups":[""],"resources":["pods"],"verbs":["impersonate-on:associated-node:list"]},
		{"apiGroups":["authentication.k8s.io"],"resources":["nodes"],"verbs":["impersonate:associated-node"]}`)
	agent := apiserver.User{Name: "system:serviceaccount:default:agent", Extra: map[string][]string{"authentication.kubernetes.io/node-name": {"node-1"}}}
	const (
		asBob  = `pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"`
		asNode = `pods is forbidden: User "system:node:node-1" cannot list resource "pods" in API group "" in the namespace "default": can only list/watch pods with spec.nodeName field selector`
	)
	for _, tt := range []struct {
		as     apiserver.User
		header http.Header
		want   string
	}{
		{apiserver.User{Name: "old"}, http.Header{"Impersonate-User": {"bob"}}, asBob},
		{apiserver.User{Name: "support"}, http.Header{"Impersonate-User": {"bob"}}, asBob},
		{apiserver.User{Name: "support"}, http.Header{"Impersonate-User": {"bob"}, "Impersonate-Group": {"dev"}}, asBob},
		{apiserver.User{Name: "support"}, http.Header{"Impersonate-User": {"eve"}}, `users.authentication.k8s.io "eve" is forbidden: User "support" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope`},
		{apiserver.User{Name: "support"}, http.Header{"Impersonate-User": {"bob"}, "Impersonate-Group": {"system:masters"}},
			`groups.authentication.k8s.io "system:masters" is forbidden: User "support" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed`},
		{apiserver.User{Name: "support"}, http.Header{"Impersonate-User": {"bob"}, "Impersonate-Group": {""}},
			`groups.authentication.k8s.io is forbidden: User "support" cannot impersonate:user-info resource "groups" in API group "authentication.k8s.io" at the cluster scope: impersonating the empty string group is not allowed`},
		{apiserver.User{Name: "support"}, http.Header{"Impersonate-User": {"bob"}, "Impersonate-Extra-Key": {"v"}},
			`userextras.authentication.k8s.io is forbidden: User "support" cannot impersonate:user-info resource "userextras" in API group "authentication.k8s.io" at the cluster scope: impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "key": must be a domain-prefixed path (such as "acme.io/foo")`},
		{apiserver.User{Name: "wide"}, http.Header{"Impersonate-User": {"bob"}}, `pods is forbidden: User "wide" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "default"`},
		{apiserver.User{Name: "operator"}, http.Header{"Impersonate-User": {"system:node:node-1"}}, asNode},
		{apiserver.User{Name: "operator"}, http.Header{"Impersonate-User": {"system:node:node-2"}}, `nodes.authentication.k8s.io "node-2" is forbidden: User "operator" cannot impersonate:arbitrary-node resource "nodes" in API group "authentication.k8s.io" at the cluster scope`},
		{agent, http.Header{"Impersonate-User": {"system:node:node-1"}}, asNode},
		{agent, http.Header{"Impersonate-User": {"system:node:node-2"}}, `pods is forbidden: User "system:serviceaccount:default:agent" cannot impersonate-on:arbitrary-node:list resource "pods" in API group "" in the namespace "default"`},
	} {
		code, status := w.impersonate(tt.as, tt.header)
		require.Equal(t, 403, code, "%s %v", tt.as.Name, tt.header)
		require.Equal(t, tt.want, status["message"])
	}
}

// Every answer says which priority level its request was on.
func TestFlowHeaders(t *testing.T) {
	w := newWorld(t)
	level := func(name string) string {
		return dig(t, parse(t, w.mustSend("GET", "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations/"+name, "")), "metadata", "uid").(string)
	}
	_, _, h := w.send("GET", configMaps+"/none", "")
	require.Equal(t, level("global-default"), h.Get("X-Kubernetes-PF-PriorityLevel-UID"))
	require.NotEmpty(t, h.Get("X-Kubernetes-PF-FlowSchema-UID"))
	_, _, h = w.send("GET", "/readyz", "")
	require.Equal(t, level("exempt"), h.Get("X-Kubernetes-PF-PriorityLevel-UID"))
	_, _, h = w.send("GET", "/api/v1/namespaces/default/pods/p/log", "")
	require.Empty(t, h.Get("X-Kubernetes-PF-PriorityLevel-UID"), "what goes on for long is not counted")
}

// A browser can put a token among the protocols of a WebSocket only.
func TestTokenInProtocol(t *testing.T) {
	w := newWorld(t)
	send := func(protocols ...string) int {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v1/namespaces/default/pods/none/exec?command=ls&stdout=1", nil)
		r.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Protocol": protocols}
		answer := httptest.NewRecorder()
		w.handler.ServeHTTP(answer, r)
		return answer.Code
	}
	const prefix = "base64url.bearer.authorization.k8s.io."
	secret := prefix + base64.RawURLEncoding.EncodeToString([]byte("secret"))
	require.Equal(t, 404, send("v5.channel.k8s.io, "+secret))
	require.Equal(t, 403, send("v5.channel.k8s.io"), "nobody in particular")
	require.Equal(t, 401, send(secret))
	require.Equal(t, 401, send("v5.channel.k8s.io", secret, secret))
	require.Equal(t, 401, send("v5.channel.k8s.io", prefix+"???"))
	require.Equal(t, 401, send("v5.channel.k8s.io", prefix+"bm9ib2R5cw"))
}

func TestTokenBehindSpaces(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/version", nil)
	r.Header.Set("Authorization", "Bearer  secret")
	answer := httptest.NewRecorder()
	w.handler.ServeHTTP(answer, r)
	require.Equal(t, 200, answer.Code)
	require.Equal(t, `299 - "the provided Authorization header contains extra space before the bearer token, and is ignored"`, answer.Header().Get("Warning"))
}
