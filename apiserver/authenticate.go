package apiserver

import (
	"crypto/subtle"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/satoken"
	"github.com/minik8s/minik8s/kinds"
)

// AuthenticateToken finds out whose a bearer token is: one of the static ones,
// a service account's, or a bootstrap token. It must be for one of the audiences;
// those that are no service account's are for the API server. A token that is
// nobody's is not ok, and err may say why; even so, it may be one that is kept.
func (s *Server) AuthenticateToken(token string, audiences []string) (b auth.Bearer, ok bool, err error) {
	own := slices.Contains(audiences, satoken.Issuer)
	if b.User, ok = s.Tokens[token]; ok && own {
		b.Audiences = []string{satoken.Issuer}
	} else if b, ok, err = s.tokenKey().Authenticate(token, audiences, s.Store.Snapshot(), s.Now()); !ok && err == nil && own {
		b.Audiences = []string{satoken.Issuer}
		b.User, ok = s.bootstrapper(token)
	}
	if !ok {
		return auth.Bearer{Kept: b.Kept}, false, err
	}
	b.User = auth.Authenticated(b.User)
	return b, true, nil
}

// TokenKeys is the JSON Web Key Set that the tokens of service accounts can be
// checked with.
func (s *Server) TokenKeys() []byte { return s.tokenKey().KeySet() }

// tokenForm is that of bootstrap tokens: an ID and a secret.
var tokenForm = regexp.MustCompile(`\A([a-z0-9]{6})\.([a-z0-9]{16})\z`)

var bootstrapGroup = regexp.MustCompile(`\Asystem:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]\z`)

// bootstrapper is who joins a cluster with a bootstrap token.
//
// Upstream: plugin/pkg/auth/authenticator/token/bootstrap (TokenAuthenticator), complete.
func (s *Server) bootstrapper(token string) (User, bool) {
	parts := tokenForm.FindStringSubmatch(token)
	if parts == nil {
		return User{}, false
	}
	stored := s.Store.Snapshot().Get(secrets, metav1.NamespaceSystem, "bootstrap-token-"+parts[1])
	if stored == nil {
		return User{}, false
	}
	secret := stored.Value.(*corev1.Secret)
	data := func(key string) string { return string(secret.Data[key]) }
	switch {
	case secret.DeletionTimestamp != nil, secret.Type != corev1.SecretTypeBootstrapToken,
		subtle.ConstantTimeCompare(secret.Data["token-secret"], []byte(parts[2])) != 1,
		data("token-id") != parts[1],
		hasExpired(data("expiration"), s.Now()),
		data("usage-bootstrap-authentication") != "true":
		return User{}, false
	}
	groups := map[string]bool{"system:bootstrappers": true}
	if extra := data("auth-extra-groups"); extra != "" {
		for _, group := range strings.Split(extra, ",") {
			if !bootstrapGroup.MatchString(group) {
				return User{}, false
			}
			groups[group] = true
		}
	}
	return User{Name: "system:bootstrap:" + parts[1], Groups: slices.Sorted(maps.Keys(groups))}, true
}

func hasExpired(expiration string, now time.Time) bool {
	if expiration == "" {
		return false
	}
	at, err := time.Parse(time.RFC3339, expiration)
	return err != nil || !at.After(now)
}

// answerTokenReview says whose a token is.
func (c *call) answerTokenReview(obj kinds.Object) (runtime.Object, error) {
	review := obj.(*authenticationv1.TokenReview)
	if review.Spec.Token == "" {
		return nil, apierrors.NewBadRequest("token is required for TokenReview in authentication")
	}
	audiences := review.Spec.Audiences
	if len(audiences) == 0 {
		audiences = []string{satoken.Issuer}
	}
	bearer, ok, err := c.AuthenticateToken(review.Spec.Token, audiences)
	review.Status = authenticationv1.TokenReviewStatus{Authenticated: ok}
	switch {
	case ok:
		review.Status.User, review.Status.Audiences = userInfo(bearer.User), bearer.Audiences
	case err != nil:
		review.Status.Error = "[invalid bearer token, " + err.Error() + "]"
	default:
		review.Status.Error = "invalid bearer token"
	}
	return review, nil
}
