package apiserver

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/apiserver/satoken"
)

// keep makes a Secret with a token of default/robot in it.
func (w *world) keep(t *testing.T, name string) string {
	account := w.get("serviceaccounts", "default/robot").(*corev1.ServiceAccount)
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Annotations: map[string]string{"kubernetes.io/service-account.name": "robot"}},
		Type:       corev1.SecretTypeServiceAccountToken,
	}
	token, err := w.tokenKey().IssueKept(account, secret)
	require.NoError(t, err)
	secret.Data = map[string][]byte{"token": []byte(token)}
	w.mustCreate("secrets", "default", secret)
	return token
}

func TestKeptToken(t *testing.T) {
	w := newTokenWorld(t)
	token := w.keep(t, "robot-token")
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	require.NoError(t, err)
	var claims map[string]any
	require.NoError(t, json.Unmarshal(payload, &claims))
	require.Equal(t, map[string]any{
		"iss": "kubernetes/serviceaccount", "sub": "system:serviceaccount:default:robot",
		"kubernetes.io/serviceaccount/namespace": "default", "kubernetes.io/serviceaccount/secret.name": "robot-token",
		"kubernetes.io/serviceaccount/service-account.name": "robot",
		"kubernetes.io/serviceaccount/service-account.uid":  string(w.get("serviceaccounts", "default/robot").GetUID()),
	}, claims)
	b, ok, err := w.AuthenticateToken(token, []string{satoken.Issuer, "vault"})
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, []string{satoken.Issuer}, b.Audiences)
	require.Equal(t, []string{"system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"}, b.User.Groups)
	require.Empty(t, b.User.Extra)
	require.Equal(t, "robot-token", b.Kept.Name)
	require.False(t, b.Kept.Generated)
	require.Equal(t, `token audiences ["https://kubernetes.default.svc.cluster.local"] is invalid for the target audiences ["vault"]`, w.whose(token, "vault"))
	require.Equal(t, "go-jose/go-jose: error in cryptographic primitive", w.whose(token[:len(token)-8]+"AAAAAAAA"))

	w.now = w.now.Add(20 * 365 * 24 * time.Hour)
	require.Equal(t, "system:serviceaccount:default:robot", w.whose(token), "it has no end")
}

func TestKeptTokensFall(t *testing.T) {
	for name, test := range map[string]struct {
		change func(w *world)
		want   string
	}{
		"secret gone": {func(w *world) { _, _ = w.delete("secrets", "default/kept", nil) }, "Token has been invalidated"},
		"other token": {func(w *world) {
			secret := w.get("secrets", "default/kept").DeepCopyObject().(*corev1.Secret)
			secret.Data["token"] = []byte("x")
			w.mustUpdate("secrets", "", secret)
		}, "Token does not match server's copy"},
		"account gone": {func(w *world) { _, _ = w.delete("serviceaccounts", "default/robot", nil) }, `serviceaccounts "robot" not found`},
		"marked": {func(w *world) {
			secret := w.get("secrets", "default/kept").DeepCopyObject().(*corev1.Secret)
			secret.Labels = map[string]string{"kubernetes.io/legacy-token-invalid-since": "2026-01-01"}
			w.mustUpdate("secrets", "", secret)
		}, "the token in secret default/kept for service account default/robot has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the 'kubernetes.io/legacy-token-invalid-since' label from the secret to temporarily allow use of this token"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTokenWorld(t)
			token := w.keep(t, "kept")
			require.Equal(t, "system:serviceaccount:default:robot", w.whose(token))
			test.change(w)
			require.Equal(t, test.want, w.whose(token))
		})
	}
}

// The day of a token's use is noted once.
func TestNoteUse(t *testing.T) {
	w := newTokenWorld(t)
	token := w.keep(t, "kept")
	b, _, _ := w.AuthenticateToken(token, []string{satoken.Issuer})
	note, ok := NoteUse(b.Kept, w.now)
	require.True(t, ok)
	_, err := w.Do(note)
	require.NoError(t, err)
	require.Equal(t, w.now.Format(time.DateOnly), w.get("secrets", "default/kept").GetLabels()["kubernetes.io/legacy-token-last-used"])

	b, _, _ = w.AuthenticateToken(token, []string{satoken.Issuer})
	_, ok = NoteUse(b.Kept, w.now)
	require.False(t, ok)
	_, ok = NoteUse(b.Kept, w.now.Add(24*time.Hour))
	require.True(t, ok)
}
