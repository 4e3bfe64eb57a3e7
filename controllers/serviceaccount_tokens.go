package controllers

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/reconcile"
)

// IssueToken makes a token without an end for an account, which is good as long
// as the Secret is there and holds it.
type IssueToken func(*corev1.ServiceAccount, *corev1.Secret) (string, error)

// ServiceAccountTokens is the tokens controller: it fills Secrets of the type
// kubernetes.io/service-account-token with a token of the account that their
// annotation names, and deletes them with the account. ca is the authority of
// the API server's certificate, in PEM.
//
// Upstream: pkg/controller/serviceaccount (TokensController), which takes a deleted Secret out of the one account that it had named, where this does for all.
func ServiceAccountTokens(ca []byte, issue IssueToken) reconcile.Component {
	return reconcile.Component{
		Name: "serviceaccount-token-controller",
		User: "system:kube-controller-manager",
		For:  reconcile.Secrets.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.Secrets.GroupResource).If(isTokenSecret),
			reconcile.Mapped(reconcile.ServiceAccounts.GroupResource, tokensOf).If(comesOrGoes),
		},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return syncTokenSecret(v, req, ca, issue)
		},
	}
}

func isTokenSecret(before, after reconcile.Object) bool {
	secret, ok := after.(*corev1.Secret)
	if !ok {
		secret = before.(*corev1.Secret)
	}
	return secret.Type == corev1.SecretTypeServiceAccountToken
}

// tokensOf are the Secrets that are for an account of that name.
func tokensOf(v reconcile.View, account reconcile.Object) []reconcile.Key {
	var keys []reconcile.Key
	for _, secret := range reconcile.Secrets.List(v, reconcile.InNamespace(account.GetNamespace())) {
		if secret.Type == corev1.SecretTypeServiceAccountToken && secret.Annotations[corev1.ServiceAccountNameKey] == account.GetName() {
			keys = append(keys, reconcile.KeyOf(secret))
		}
	}
	return keys
}

func syncTokenSecret(v reconcile.View, req reconcile.Request, ca []byte, issue IssueToken) (reconcile.Plan, error) {
	var plan reconcile.Plan
	secret, ok := reconcile.Secrets.Get(v, req.Key)
	if !ok {
		forgetTokenSecret(v, req, &plan)
		return plan, nil
	}
	name := secret.Annotations[corev1.ServiceAccountNameKey]
	if secret.Type != corev1.SecretTypeServiceAccountToken || name == "" {
		return plan, nil
	}
	account, ok := reconcile.ServiceAccounts.Get(v, reconcile.Key{Namespace: secret.Namespace, Name: name})
	if uid := types.UID(secret.Annotations[corev1.ServiceAccountUIDKey]); !ok || uid != "" && uid != account.UID {
		plan.Delete(secret, "service account %s, whose token is in it, does not exist", name)
		return plan, nil
	}
	filled, lacked, err := fillTokenSecret(secret, account, ca, issue)
	if err != nil {
		return plan, fmt.Errorf("make a token of service account %s: %w", name, err)
	}
	if len(lacked) > 0 {
		plan.Update(filled, "give it the %s of service account %s", strings.Join(lacked, ", "), name)
	}
	return plan, nil
}

// fillTokenSecret returns the Secret with all that belongs in it, and what of
// that was not there.
func fillTokenSecret(secret *corev1.Secret, account *corev1.ServiceAccount, ca []byte, issue IssueToken) (filled *corev1.Secret, lacked []string, err error) {
	filled = secret.DeepCopy()
	if filled.Data == nil {
		filled.Data = map[string][]byte{}
	}
	if len(ca) > 0 && !bytes.Equal(secret.Data[corev1.ServiceAccountRootCAKey], ca) {
		filled.Data[corev1.ServiceAccountRootCAKey] = ca
		lacked = append(lacked, corev1.ServiceAccountRootCAKey)
	}
	if len(secret.Data[corev1.ServiceAccountNamespaceKey]) == 0 {
		filled.Data[corev1.ServiceAccountNamespaceKey] = []byte(secret.Namespace)
		lacked = append(lacked, corev1.ServiceAccountNamespaceKey)
	}
	if len(secret.Data[corev1.ServiceAccountTokenKey]) == 0 {
		token, err := issue(account, secret)
		if err != nil {
			return nil, nil, err
		}
		filled.Data[corev1.ServiceAccountTokenKey] = []byte(token)
		lacked = append(lacked, corev1.ServiceAccountTokenKey)
	}
	filled.Annotations[corev1.ServiceAccountNameKey] = account.Name
	filled.Annotations[corev1.ServiceAccountUIDKey] = string(account.UID)
	return filled, lacked, nil
}

// forgetTokenSecret takes a Secret that is gone out of the accounts that name it.
func forgetTokenSecret(v reconcile.View, req reconcile.Request, plan *reconcile.Plan) {
	is := func(r corev1.ObjectReference) bool { return r.Name == req.Name }
	for _, account := range reconcile.ServiceAccounts.List(v, reconcile.InNamespace(req.Namespace)) {
		if slices.ContainsFunc(account.Secrets, is) {
			updated := account.DeepCopy()
			updated.Secrets = slices.DeleteFunc(updated.Secrets, is)
			plan.Update(updated, "secret %s, which it names, is gone", req.Name)
		}
	}
}
