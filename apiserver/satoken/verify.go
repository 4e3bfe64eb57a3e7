package satoken

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/store"
)

// leeway is how far apart two clocks may be.
const leeway = time.Minute

// Authenticate finds out whose a token is, in a world at a time. It must be
// for one of the audiences; those that it is for are returned. A token of
// another issuer is nobody's, without an error.
//
// Upstream: pkg/serviceaccount (JWTTokenAuthenticator, validator), without tokens that are bound to webhook configurations.
func (k *Key) Authenticate(token string, audiences []string, in *store.Snapshot, now time.Time) (b auth.Bearer, ok bool, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return b, false, nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	var c Claims
	if err != nil || json.Unmarshal(payload, &c) != nil {
		return b, false, nil
	}
	switch c.Issuer {
	case KeptIssuer:
		return k.authenticateKept(parts, payload, token, audiences, in)
	case Issuer:
	default:
		return b, false, nil
	}
	if err := k.checkSignature(parts); err != nil {
		return b, false, err
	}
	for _, audience := range c.Audience {
		if slices.Contains(audiences, audience) {
			b.Audiences = append(b.Audiences, audience)
		}
	}
	if len(b.Audiences) == 0 {
		return b, false, fmt.Errorf("token audiences %q is invalid for the target audiences %q", c.Audience, audiences)
	}
	if err := c.check(in, now); err != nil {
		return b, false, err
	}
	if late := now.Unix() - c.Kubernetes.WarnAfter; c.Kubernetes.WarnAfter > 0 && late > 0 {
		b.Stale = fmt.Sprintf("subject: %s, seconds after warning threshold: %d", c.Subject, late)
	}
	b.User = c.user()
	return b, true, nil
}

func (k *Key) checkSignature(parts []string) error {
	head, err := base64.RawURLEncoding.DecodeString(parts[0])
	var header struct{ Alg, Kid string }
	if err != nil || json.Unmarshal(head, &header) != nil {
		return errSignature
	}
	if header.Kid != "" && header.Kid != k.id {
		return errors.New("invalid signature, no keys found")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || header.Alg != "ES256" {
		return errSignature
	}
	return k.verify(parts[0]+"."+parts[1], signature)
}

// check asks whether a token that we have signed still holds.
func (c *Claims) check(in *store.Snapshot, now time.Time) error {
	switch {
	case now.Add(leeway).Before(time.Unix(c.NotBefore, 0)):
		return errors.New("service account token is not valid yet")
	case now.Add(-leeway).After(time.Unix(c.Expiry, 0)):
		return errors.New("service account token has expired")
	case now.Add(leeway).Before(time.Unix(c.IssuedAt, 0)):
		return errors.New("service account token is issued in the future")
	}
	if err := c.checkAccount(in, now); err != nil {
		return err
	}
	bound, namespace := c.Kubernetes, c.Kubernetes.Namespace
	if err := bound.Secret.check(in, "secret", namespace, now); err != nil {
		return err
	}
	if err := bound.Pod.check(in, "pod", namespace, now); err != nil {
		return err
	}
	if bound.Pod != nil {
		return nil // the node is only told
	}
	return bound.Node.check(in, "node", "", now)
}

func (c *Claims) checkAccount(in *store.Snapshot, now time.Time) error {
	namespace, account := c.Kubernetes.Namespace, c.Kubernetes.ServiceAccount
	o := in.Get(schema.GroupResource{Resource: "serviceaccounts"}, namespace, account.Name)
	if o == nil {
		return apierrors.NewNotFound(schema.GroupResource{Resource: "serviceaccounts"}, account.Name)
	}
	m := o.Value.(metav1.Object)
	if string(m.GetUID()) != account.UID {
		return fmt.Errorf("service account UID (%s) does not match claim (%s)", m.GetUID(), account.UID)
	}
	if isGone(m, now) {
		return fmt.Errorf("service account %s/%s has been deleted", namespace, account.Name)
	}
	return nil
}

var errInvalidated = errors.New("service account token has been invalidated")

// check asks whether the object is still there. kind is "pod"; a nil Ref is to
// none.
func (r *Ref) check(in *store.Snapshot, kind, namespace string, now time.Time) error {
	if r == nil {
		return nil
	}
	o := in.Get(schema.GroupResource{Resource: kind + "s"}, namespace, r.Name)
	if o == nil {
		return errInvalidated
	}
	m := o.Value.(metav1.Object)
	if string(m.GetUID()) != r.UID {
		return fmt.Errorf("%s UID (%s) does not match service account %s ref claim (%s)", kind, m.GetUID(), kind, r.UID)
	}
	if isGone(m, now) {
		return errInvalidated
	}
	return nil
}

func isGone(m metav1.Object, now time.Time) bool {
	gone := m.GetDeletionTimestamp()
	return gone != nil && gone.Time.Before(now.Add(-leeway))
}

// user is who a token makes its bearer.
func (c *Claims) user() auth.User {
	info := serviceaccount.ServiceAccountInfo{
		Namespace: c.Kubernetes.Namespace, Name: c.Kubernetes.ServiceAccount.Name, UID: c.Kubernetes.ServiceAccount.UID,
	}
	if c.ID != "" {
		info.CredentialID = "JTI=" + c.ID
	}
	if pod := c.Kubernetes.Pod; pod != nil {
		info.PodName, info.PodUID = pod.Name, pod.UID
	}
	if node := c.Kubernetes.Node; node != nil {
		info.NodeName, info.NodeUID = node.Name, node.UID
	}
	return userOf(info)
}

func userOf(info serviceaccount.ServiceAccountInfo) auth.User {
	u := info.UserInfo()
	return auth.User{Name: u.GetName(), UID: u.GetUID(), Groups: u.GetGroups(), Extra: u.GetExtra()}
}
