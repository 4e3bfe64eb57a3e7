package wire

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/streaming/pkg/httpstream/wsstream"

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
// Upstream: pkg/kubeapiserver/authenticator (config.go), without OIDC, webhooks and front proxies.
func (s *server) authenticate(w http.ResponseWriter, r *http.Request) (auth.Bearer, error) {
	if user, ok := r.Context().Value(userKey{}).(apiserver.User); ok {
		return auth.Bearer{User: auth.Authenticated(user)}, nil
	}
	holder := s.certificates.holder(r, s.Now)
	if holder.known {
		return auth.Bearer{User: holder.user}, nil
	}
	refused := holder.refused
	if token, ok := tokenIn(w, r); ok {
		if b, ok := s.authenticateToken(w, token); ok {
			return b, nil
		}
		refused = true
	}
	token, protocols, err := protocolToken(r)
	if token != "" && err == nil {
		if b, ok := s.authenticateToken(w, token); ok {
			r.Header.Set(protocolHeader, protocols)
			return b, nil
		}
		refused = true
	}
	if refused || err != nil || s.Server.WithoutAnonymous {
		return auth.Bearer{}, apierrors.NewUnauthorized("Unauthorized")
	}
	return auth.Bearer{User: auth.Anonymous()}, nil
}

// endConnection lets nobody unknown keep a connection of HTTP/2: it ends after
// this request.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/filters (WithAuthentication, UnauthenticatedHTTP2DOSMitigation), complete.
func endConnection(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor == 2 {
		w.Header().Set("Connection", "close")
	}
}

// authenticateToken finds out whose a token is, and notes the use of one that is
// kept in a Secret. That it cannot be noted is no reason to refuse it.
func (s *server) authenticateToken(w http.ResponseWriter, token string) (auth.Bearer, bool) {
	b, ok, _ := s.Server.AuthenticateToken(token, []string{satoken.Issuer})
	if b.Kept == nil {
		return b, ok
	}
	if ok && b.Kept.Generated {
		addWarnings(w, []string{"Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens."})
	}
	if note, ok := apiserver.NoteUse(b.Kept, s.Now()); ok {
		_, _ = s.Do(note)
	}
	return b, ok
}

func tokenIn(w http.ResponseWriter, r *http.Request) (string, bool) {
	parts := strings.SplitN(strings.TrimSpace(r.Header.Get("Authorization")), " ", 3)
	if len(parts) < 2 || !strings.EqualFold(parts[0], "bearer") {
		return "", false
	}
	if parts[1] == "" {
		if len(parts) == 3 {
			addWarnings(w, []string{"the provided Authorization header contains extra space before the bearer token, and is ignored"})
		}
		return "", false
	}
	return parts[1], true
}

const (
	protocolHeader      = "Sec-Websocket-Protocol"
	tokenProtocolPrefix = "base64url.bearer.authorization.k8s.io."
)

// protocolToken is the token among the protocols of a WebSocket, which is where
// browsers can put one, and the protocols without it.
//
// Upstream: k8s.io/apiserver/pkg/authentication/request/websocket (ProtocolAuthenticator), complete.
func protocolToken(r *http.Request) (token, others string, err error) {
	if !wsstream.IsWebSocketRequest(r) {
		return "", "", nil
	}
	var rest []string
	for _, line := range r.Header[protocolHeader] {
		for protocol := range strings.SplitSeq(line, ",") {
			protocol = strings.TrimSpace(protocol)
			encoded, ok := strings.CutPrefix(protocol, tokenProtocolPrefix)
			if !ok {
				rest = append(rest, protocol)
				continue
			}
			decoded, err := base64.RawURLEncoding.DecodeString(encoded)
			if err != nil || token != "" || !utf8.Valid(decoded) {
				return "", "", errTokenProtocol
			}
			token = string(decoded)
		}
	}
	if token != "" && len(rest) == 0 {
		return "", "", errTokenProtocol // nothing would be left to answer with
	}
	return token, strings.Join(rest, ","), nil
}

var errTokenProtocol = errors.New("invalid base64.bearer.authorization token")
