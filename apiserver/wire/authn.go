package wire

import (
	"context"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/satoken"
)

type userKey struct{}

// withUser marks a request that was authenticated before it came here, by the
// in-process transport.
func withUser(ctx context.Context, user apiserver.User) context.Context {
	return context.WithValue(ctx, userKey{}, user)
}

// authenticate finds out who asks: the in-process user, the common name and
// organisations of a client certificate, or the owner of a bearer token.
// Wrong credentials are an error, none are system:anonymous.
//
// Upstream: pkg/kubeapiserver/authenticator (config.go), without OIDC, webhooks, front proxies and tokens in websocket protocols.
func (s *server) authenticate(r *http.Request) (apiserver.User, error) {
	if user, ok := r.Context().Value(userKey{}).(apiserver.User); ok {
		return auth.Authenticated(user), nil
	}
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		subject := r.TLS.VerifiedChains[0][0].Subject
		if subject.CommonName != "" {
			return auth.Authenticated(apiserver.User{Name: subject.CommonName, Groups: subject.Organization}), nil
		}
	}
	token, ok := tokenIn(r)
	if !ok {
		return auth.Anonymous(), nil
	}
	user, _, ok, _ := s.Server.AuthenticateToken(token, []string{satoken.Issuer})
	if !ok {
		return apiserver.User{}, apierrors.NewUnauthorized("Unauthorized")
	}
	return user, nil
}

func tokenIn(r *http.Request) (string, bool) {
	parts := strings.SplitN(strings.TrimSpace(r.Header.Get("Authorization")), " ", 3)
	if len(parts) < 2 || !strings.EqualFold(parts[0], "bearer") || parts[1] == "" {
		return "", false
	}
	return parts[1], true
}
