package controllers

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/reconcile"
)

const (
	// keepUnusedToken is --legacy-service-account-token-clean-up-period.
	keepUnusedToken  = 365 * 24 * time.Hour
	lookAtOldTokens  = 24 * time.Hour
	lastUsedLabel    = "kubernetes.io/legacy-token-last-used"
	invalidSince     = "kubernetes.io/legacy-token-invalid-since"
	trackingOfTokens = "kube-apiserver-legacy-service-account-token-tracking"
)

// PodNamesSecret says whether a Pod has a Secret of that name among its volumes,
// in its environment, or to pull images with.
type PodNamesSecret func(pod *corev1.Pod, name string) bool

// LegacyTokenCleaner takes tokens away that clusters before 1.24 made by
// themselves: those in Secrets that their ServiceAccount names. One that has not
// been used for a year is marked invalid, and after another year deleted.
//
// Upstream: pkg/controller/serviceaccount (LegacySATokenCleaner), which goes through all Secrets once a day where this looks at each a day after the last time.
func LegacyTokenCleaner(names PodNamesSecret) reconcile.Component {
	return reconcile.Component{
		Name: "legacy-serviceaccount-token-cleaner-controller",
		User: "system:serviceaccount:kube-system:legacy-service-account-token-cleaner",
		For:  reconcile.Secrets.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.Secrets.GroupResource).If(isTokenSecret),
			reconcile.Mapped(reconcile.ServiceAccounts.GroupResource, tokensOf).If(namesOtherSecrets),
		},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return cleanLegacyToken(v, req, names), nil
		},
	}
}

func namesOtherSecrets(before, after reconcile.Object) bool {
	if after == nil {
		return false
	}
	var known []corev1.ObjectReference
	if before != nil {
		known = before.(*corev1.ServiceAccount).Secrets
	}
	return !slices.Equal(known, after.(*corev1.ServiceAccount).Secrets)
}

func cleanLegacyToken(v reconcile.View, req reconcile.Request, names PodNamesSecret) reconcile.Plan {
	var plan reconcile.Plan
	secret, ok := reconcile.Secrets.Get(v, req.Key)
	if !ok || !isTokenSecret(nil, secret) || !isGeneratedToken(v, secret) {
		return plan
	}
	plan.Heartbeat(lookAtOldTokens, "see whether the token is used")
	if !isUnused(v, secret) || isNamedByPod(v, secret, names) {
		return plan
	}
	yearAgo := v.Now().Add(-keepUnusedToken).UTC().Format(time.DateOnly)
	since := secret.Labels[invalidSince]
	if _, err := time.Parse(time.DateOnly, since); err != nil {
		patch := fmt.Sprintf(`{"metadata":{"uid":%q,"labels":{%q:%q}}}`, secret.UID, invalidSince, v.Now().UTC().Format(time.DateOnly))
		plan.Patch(secret, types.MergePatchType, []byte(patch), "the token has not been used for a year")
	} else if since < yearAgo {
		plan.Delete(secret, "the token has been invalid since %s", since)
	}
	return plan
}

// isGeneratedToken says that the account of a token names its Secret.
func isGeneratedToken(v reconcile.View, secret *corev1.Secret) bool {
	account, ok := reconcile.ServiceAccounts.Get(v, reconcile.Key{Namespace: secret.Namespace, Name: secret.Annotations[corev1.ServiceAccountNameKey]})
	if uid := types.UID(secret.Annotations[corev1.ServiceAccountUIDKey]); !ok || uid != "" && uid != account.UID {
		return false
	}
	return slices.ContainsFunc(account.Secrets, func(r corev1.ObjectReference) bool { return r.Name == secret.Name })
}

// isUnused says that a token is older than a year, and that for the last year,
// in which the API server has noted it, nobody has used it.
func isUnused(v reconcile.View, secret *corev1.Secret) bool {
	yearAgo := v.Now().UTC().Add(-keepUnusedToken)
	tracking, ok := reconcile.ConfigMaps.Get(v, reconcile.Key{Namespace: metav1.NamespaceSystem, Name: trackingOfTokens})
	if !ok {
		return false
	}
	tracked, err := time.Parse(time.DateOnly, tracking.Data["since"])
	if err != nil || yearAgo.Before(tracked.AddDate(0, 0, 1)) || !secret.CreationTimestamp.Time.Before(yearAgo) || secret.DeletionTimestamp != nil {
		return false
	}
	used, ok := secret.Labels[lastUsedLabel]
	if !ok {
		return true
	}
	_, err = time.Parse(time.DateOnly, used)
	return err == nil && used < yearAgo.Format(time.DateOnly)
}

func isNamedByPod(v reconcile.View, secret *corev1.Secret, names PodNamesSecret) bool {
	return slices.ContainsFunc(reconcile.Pods.List(v, reconcile.InNamespace(secret.Namespace)), func(pod *corev1.Pod) bool {
		return names(pod, secret.Name)
	})
}
