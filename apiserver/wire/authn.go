package wire

import (
	"context"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/minik8s/minik8s/apiserver"
)

// The identity of a request that brings no credentials.
const (
	anonymous            = "system:anonymous"
	groupUnauthenticated = "system:unauthenticated"
	groupAuthenticated   = "system:authenticated"
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
func (s *server) authenticate(r *http.Request) (apiserver.User, error) {
	if user, ok := r.Context().Value(userKey{}).(apiserver.User); ok {
		return authenticated(user), nil
	}
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		subject := r.TLS.VerifiedChains[0][0].Subject
		if subject.CommonName != "" {
			return authenticated(apiserver.User{Name: subject.CommonName, Groups: subject.Organization}), nil
		}
	}
	scheme, token, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	if strings.EqualFold(scheme, "Bearer") && token != "" {
		user, ok := s.Tokens[strings.TrimSpace(token)]
		if !ok {
			return apiserver.User{}, apierrors.NewUnauthorized("Unauthorized")
		}
		return authenticated(user), nil
	}
	return apiserver.User{Name: anonymous, Groups: []string{groupUnauthenticated}}, nil
}

// authenticated adds the group that everyone with a name is in.
func authenticated(user apiserver.User) apiserver.User {
	groups := make([]string, 0, len(user.Groups)+1)
	groups = append(append(groups, user.Groups...), groupAuthenticated)
	return apiserver.User{Name: user.Name, Groups: groups}
}
