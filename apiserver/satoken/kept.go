package satoken

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/store"
)

// KeptIssuer is who tokens without an end say has issued them. They are kept in
// Secrets of the type kubernetes.io/service-account-token.
const KeptIssuer = "kubernetes/serviceaccount"

// The labels of a Secret with a token: the day on which it was used last, and
// since when it is not good any more.
const (
	LastUsedLabel     = "kubernetes.io/legacy-token-last-used"
	InvalidSinceLabel = "kubernetes.io/legacy-token-invalid-since"
)

// keptClaims are what a token that is kept in a Secret says, in the order in
// which upstream writes it.
type keptClaims struct {
	Issuer      string `json:"iss"`
	Namespace   string `json:"kubernetes.io/serviceaccount/namespace"`
	SecretName  string `json:"kubernetes.io/serviceaccount/secret.name"`
	AccountName string `json:"kubernetes.io/serviceaccount/service-account.name"`
	AccountUID  string `json:"kubernetes.io/serviceaccount/service-account.uid"`
	Subject     string `json:"sub"`
}

// IssueKept makes a token without an end, which is good for as long as it is
// kept in the Secret and the account is there.
//
// Upstream: pkg/serviceaccount (LegacyClaims), complete.
func (k *Key) IssueKept(account *corev1.ServiceAccount, secret *corev1.Secret) (string, error) {
	payload, err := json.Marshal(keptClaims{
		Issuer: KeptIssuer, Namespace: account.Namespace, SecretName: secret.Name,
		AccountName: account.Name, AccountUID: string(account.UID),
		Subject: serviceaccount.MakeUsername(account.Namespace, account.Name),
	})
	if err != nil {
		return "", err
	}
	return k.signPayload(payload)
}

// authenticateKept finds out whose a token is that is kept in a Secret. Such
// tokens are for the API server only.
//
// Upstream: pkg/serviceaccount (legacyValidator), where the use of a token that is reviewed is noted too.
func (k *Key) authenticateKept(parts []string, payload []byte, token string, audiences []string, in *store.Snapshot) (b auth.Bearer, ok bool, err error) {
	if err := k.checkSignature(parts); err != nil {
		return b, false, err
	}
	if !slices.Contains(audiences, Issuer) {
		return b, false, fmt.Errorf("token audiences %q is invalid for the target audiences %q", []string{Issuer}, audiences)
	}
	var c keptClaims
	if err := json.Unmarshal(payload, &c); err != nil {
		return b, false, err
	}
	if err := c.checkForm(); err != nil {
		return b, false, err
	}
	secret, account, err := c.find(in, token)
	if err != nil {
		return b, false, err
	}
	b.Kept = &auth.KeptToken{
		Namespace: secret.Namespace, Name: secret.Name, UID: string(secret.UID), Subject: c.Subject,
		LastUsed:  secret.Labels[LastUsedLabel],
		Generated: slices.ContainsFunc(account.Secrets, func(r corev1.ObjectReference) bool { return r.Name == secret.Name }),
	}
	if secret.Labels[InvalidSinceLabel] != "" {
		return b, false, fmt.Errorf("the token in secret %s/%s for service account %s/%s has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '%s' label from the secret to temporarily allow use of this token",
			c.Namespace, c.SecretName, c.Namespace, c.AccountName, InvalidSinceLabel)
	}
	info := serviceaccount.ServiceAccountInfo{Namespace: c.Namespace, Name: c.AccountName, UID: c.AccountUID}
	b.User, b.Audiences = userOf(info), []string{Issuer}
	return b, true, nil
}

var errGone = errors.New("Token has been invalidated") //lint:ignore ST1005 upstream's text

func (c *keptClaims) checkForm() error {
	switch {
	case c.Subject == "":
		return errors.New("sub claim is missing")
	case c.Namespace == "":
		return errors.New("namespace claim is missing")
	case c.SecretName == "":
		return errors.New("secretName claim is missing")
	case c.AccountName == "":
		return errors.New("serviceAccountName claim is missing")
	case c.AccountUID == "":
		return errors.New("serviceAccountUID claim is missing")
	case c.Subject != serviceaccount.MakeUsername(c.Namespace, c.AccountName):
		return errors.New("sub claim is invalid")
	}
	return nil
}

// find returns the Secret and the account, if both still stand for the token.
func (c *keptClaims) find(in *store.Snapshot, token string) (*corev1.Secret, *corev1.ServiceAccount, error) {
	stored := in.Get(corev1.Resource("secrets"), c.Namespace, c.SecretName)
	if stored == nil {
		return nil, nil, errGone
	}
	secret := stored.Value.(*corev1.Secret)
	if secret.DeletionTimestamp != nil {
		return nil, nil, errGone
	}
	if subtle.ConstantTimeCompare(secret.Data[corev1.ServiceAccountTokenKey], []byte(token)) != 1 {
		//lint:ignore ST1005 upstream's text
		return nil, nil, errors.New("Token does not match server's copy")
	}
	stored = in.Get(corev1.Resource("serviceaccounts"), c.Namespace, c.AccountName)
	if stored == nil {
		return nil, nil, apierrors.NewNotFound(corev1.Resource("serviceaccounts"), c.AccountName)
	}
	account := stored.Value.(*corev1.ServiceAccount)
	if account.DeletionTimestamp != nil {
		return nil, nil, fmt.Errorf("ServiceAccount %s/%s has been deleted", c.Namespace, c.AccountName)
	}
	if string(account.UID) != c.AccountUID {
		return nil, nil, fmt.Errorf("ServiceAccount UID (%s) does not match claim (%s)", account.UID, c.AccountUID)
	}
	return secret, account, nil
}
