package apiserver

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/apiserver/satoken"
)

// askToken asks for a token of default/robot.
func (w *world) askToken(spec authenticationv1.TokenRequestSpec) (*authenticationv1.TokenRequest, string) {
	req := w.request(Create, "serviceaccounts", "default/robot")
	req.Subresource, req.Object = "token", &authenticationv1.TokenRequest{Spec: spec}
	res, err := w.Do(req)
	if err != nil {
		return nil, answer(err)
	}
	return res.Object.(*authenticationv1.TokenRequest), "ok"
}

func newTokenWorld(t *testing.T) *world {
	w := newGuardedWorld(t)
	w.mustCreate("serviceaccounts", "default", &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "robot"}})
	pod := newPodObject("web")
	pod.Spec.ServiceAccountName = "robot"
	w.mustCreate("pods", "default", pod)
	return w
}

// whose says who a token makes its bearer, or why nobody.
func (w *world) whose(token string, audiences ...string) string {
	if len(audiences) == 0 {
		audiences = []string{satoken.Issuer}
	}
	b, ok, err := w.AuthenticateToken(token, audiences)
	switch {
	case err != nil:
		return err.Error()
	case !ok:
		return "nobody"
	}
	return b.User.Name
}

func TestTokenRequest(t *testing.T) {
	w := newTokenWorld(t)
	before := w.revision()
	request, err := w.askToken(authenticationv1.TokenRequestSpec{})
	require.Equal(t, "ok", err)
	require.Equal(t, before, w.revision(), "a token is not stored")
	require.Equal(t, []string{satoken.Issuer}, request.Spec.Audiences)
	require.True(t, request.Status.ExpirationTimestamp.Time.Equal(w.now.Truncate(time.Second).Add(time.Hour)))
	again, _ := w.askToken(authenticationv1.TokenRequestSpec{})
	require.Equal(t, request.Status.Token, again.Status.Token, "the same question at the same time")

	account := w.get("serviceaccounts", "default/robot")
	payload, decoding := base64.RawURLEncoding.DecodeString(strings.Split(request.Status.Token, ".")[1])
	require.NoError(t, decoding)
	var claims map[string]any
	require.NoError(t, json.Unmarshal(payload, &claims))
	delete(claims, "jti")
	require.Equal(t, map[string]any{
		"aud": []any{satoken.Issuer}, "iss": satoken.Issuer, "sub": "system:serviceaccount:default:robot",
		"iat": float64(w.now.Unix()), "nbf": float64(w.now.Unix()), "exp": float64(w.now.Unix() + 3600),
		"kubernetes.io": map[string]any{
			"namespace": "default", "serviceaccount": map[string]any{"name": "robot", "uid": string(account.GetUID())},
		},
	}, claims)

	b, ok, authentication := w.AuthenticateToken(request.Status.Token, []string{satoken.Issuer})
	require.NoError(t, authentication)
	require.True(t, ok)
	require.Equal(t, string(account.GetUID()), b.User.UID)
	require.Equal(t, []string{"system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"}, b.User.Groups)
	require.Len(t, b.User.Extra["authentication.kubernetes.io/credential-id"], 1)
}

func TestTokensFall(t *testing.T) {
	w := newTokenWorld(t)
	toPod := &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: "web"}
	token := func(spec authenticationv1.TokenRequestSpec) string {
		request, err := w.askToken(spec)
		require.Equal(t, "ok", err)
		return request.Status.Token
	}
	free, bound := token(authenticationv1.TokenRequestSpec{}), token(authenticationv1.TokenRequestSpec{BoundObjectRef: toPod})
	other := token(authenticationv1.TokenRequestSpec{Audiences: []string{"vault"}})
	projected := token(authenticationv1.TokenRequestSpec{BoundObjectRef: toPod, ExpirationSeconds: ptr.To[int64](3607)})

	const robot = "system:serviceaccount:default:robot"
	require.Equal(t, robot, w.whose(bound))
	require.Equal(t, robot, w.whose(other, "vault"))
	require.Contains(t, w.whose(other), `token audiences ["vault"] is invalid for the target audiences`)
	forged := free[:len(free)-6] + "AAAAAA"
	require.Contains(t, w.whose(forged), "error in cryptographic primitive")
	require.Equal(t, "nobody", w.whose("a.b.c"))
	require.Equal(t, "nobody", w.whose("nonsense"))

	w.now = w.now.Add(time.Hour + 2*time.Minute)
	require.Equal(t, "service account token has expired", w.whose(free))
	b, _, _ := w.AuthenticateToken(projected, []string{satoken.Issuer})
	require.Equal(t, "subject: system:serviceaccount:default:robot, seconds after warning threshold: 113", b.Stale)
	require.Equal(t, robot, w.whose(projected), "lives on for a year, for clients that do not read it anew")
	_, err := w.delete("pods", "default/web", &metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0)})
	require.NoError(t, err)
	require.Equal(t, "service account token has been invalidated", w.whose(projected))

	fresh := token(authenticationv1.TokenRequestSpec{})
	_, err = w.delete("serviceaccounts", "default/robot", nil)
	require.NoError(t, err)
	require.Equal(t, `serviceaccounts "robot" not found`, w.whose(fresh))
	w.mustCreate("serviceaccounts", "default", &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "robot"}})
	require.Contains(t, w.whose(fresh), "does not match claim")
}

func TestTokenRequestRefused(t *testing.T) {
	w := newTokenWorld(t)
	w.mustCreate("pods", "default", newPodObject("alien"))
	for _, tt := range []struct {
		spec authenticationv1.TokenRequestSpec
		want string
	}{
		{authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr.To[int64](60)}, `422 Invalid: TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes`},
		{authenticationv1.TokenRequestSpec{BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: "alien"}}, `400 BadRequest: cannot bind token for serviceaccount "robot" to pod running with different serviceaccount name.`},
		{authenticationv1.TokenRequestSpec{BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: "none"}}, `404 NotFound: pods "none" not found`},
		{authenticationv1.TokenRequestSpec{BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Secret", APIVersion: "v1"}}, `400 BadRequest: Name parameter required.`},
		{authenticationv1.TokenRequestSpec{BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "Pod", APIVersion: "v1", Name: "web", UID: "x"}}, "409 Conflict"},
		{authenticationv1.TokenRequestSpec{BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "ConfigMap", APIVersion: "v1", Name: "c"}}, "400 BadRequest: cannot bind token to object of type /v1, Kind=ConfigMap"},
		{authenticationv1.TokenRequestSpec{Audiences: []string{"hook"}, Attestations: map[string]authenticationv1.AttestationValue{"admissionReviewAPIGroups": {"apps"}}, BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: "ValidatingWebhookConfiguration", APIVersion: "admissionregistration.k8s.io/v1", Name: "c"}}, "400 BadRequest: cannot bind token to object of type admissionregistration.k8s.io/v1, Kind=ValidatingWebhookConfiguration (feature gate APIServerWebhookAuthenticationToken is disabled)"},
	} {
		_, got := w.askToken(tt.spec)
		require.Contains(t, got, tt.want)
	}
	eve := w.as("eve")
	_, got := eve.askToken(authenticationv1.TokenRequestSpec{})
	require.Equal(t, `403 Forbidden: serviceaccounts "robot" is forbidden: User "eve" cannot create resource "serviceaccounts/token" in API group "" in the namespace "default"`, got)
}

func TestTokenReview(t *testing.T) {
	w := newTokenWorld(t)
	request, _ := w.askToken(authenticationv1.TokenRequestSpec{})
	review := func(token string) authenticationv1.TokenReviewStatus {
		out, err := ask(w, "tokenreviews", "", &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token}})
		require.Equal(t, "ok", err)
		return out.Status
	}
	good := review(request.Status.Token)
	require.True(t, good.Authenticated)
	require.Equal(t, "system:serviceaccount:default:robot", good.User.Username)
	require.Equal(t, []string{satoken.Issuer}, good.Audiences)
	require.Equal(t, authenticationv1.TokenReviewStatus{Error: "invalid bearer token"}, review("nonsense"))
	w.now = w.now.Add(2 * time.Hour)
	require.Equal(t, authenticationv1.TokenReviewStatus{Error: "[invalid bearer token, service account token has expired]"}, review(request.Status.Token))
	_, err := ask(w, "tokenreviews", "", &authenticationv1.TokenReview{})
	require.Equal(t, "400 BadRequest: token is required for TokenReview in authentication", err)
}

// What a token is bound to is in its claims, in what its bearer is known by, and
// it falls with it.
func TestBoundTokens(t *testing.T) {
	for _, tt := range []struct {
		kind, name, plural, key string
		extra                   []string // the keys, but for that of the token itself
	}{
		{"Pod", "web", "pods", "default/web", []string{"node-name", "node-uid", "pod-name", "pod-uid"}},
		{"Secret", "key", "secrets", "default/key", nil},
		{"Node", "node-1", "nodes", "node-1", []string{"node-name", "node-uid"}},
	} {
		w := newTokenWorld(t)
		w.mustCreate("secrets", "default", &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "key"}})
		w.mustCreate("nodes", "", &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node-1"}})
		require.NoError(t, w.bind("default/web", "node-1"))
		uid := w.get(tt.plural, tt.key).GetUID()
		request, err := w.askToken(authenticationv1.TokenRequestSpec{BoundObjectRef: &authenticationv1.BoundObjectReference{Kind: tt.kind, APIVersion: "v1", Name: tt.name, UID: uid}})
		require.Equal(t, "ok", err)
		b, ok, _ := w.AuthenticateToken(request.Status.Token, []string{satoken.Issuer})
		require.True(t, ok)
		var keys []string
		for _, key := range slices.Sorted(maps.Keys(b.User.Extra)) {
			if name := strings.TrimPrefix(key, "authentication.kubernetes.io/"); name != "credential-id" {
				keys = append(keys, name)
			}
		}
		require.Equal(t, tt.extra, keys, tt.kind)
		_, deletion := w.delete(tt.plural, tt.key, &metav1.DeleteOptions{GracePeriodSeconds: ptr.To[int64](0)})
		require.NoError(t, deletion)
		require.Equal(t, "service account token has been invalidated", w.whose(request.Status.Token), tt.kind)
	}
}

func TestBootstrapToken(t *testing.T) {
	w := newGuardedWorld(t)
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "bootstrap-token-abcdef"}, Type: corev1.SecretTypeBootstrapToken,
		Data: map[string][]byte{
			"token-id": []byte("abcdef"), "token-secret": []byte("0123456789abcdef"), "usage-bootstrap-authentication": []byte("true"),
			"auth-extra-groups": []byte("system:bootstrappers:kubeadm"), "expiration": []byte("2026-01-02T00:00:00Z"),
		},
	}
	const token = "abcdef.0123456789abcdef"
	require.Equal(t, "nobody", w.whose(token))
	w.mustCreate("secrets", "kube-system", secret)
	b, ok, err := w.AuthenticateToken(token, []string{satoken.Issuer})
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, User{Name: "system:bootstrap:abcdef", Groups: []string{"system:bootstrappers", "system:bootstrappers:kubeadm", "system:authenticated"}}, b.User)
	require.Equal(t, "nobody", w.whose(token, "vault"), "it is for the API server")
	require.Equal(t, "nobody", w.whose("abcdef.0000000000000000"))
	w.now = w.now.Add(48 * time.Hour)
	require.Equal(t, "nobody", w.whose(token))
}
