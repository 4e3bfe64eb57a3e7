package controllers

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// TokenCleaner deletes bootstrap tokens, which are Secrets in kube-system, when
// they expire.
//
// Upstream: pkg/controller/bootstrap (TokenCleaner), which is on in clusters that kubeadm makes.
func TokenCleaner() reconcile.Component {
	return reconcile.Component{
		Name:      "token-cleaner-controller",
		User:      "system:serviceaccount:kube-system:token-cleaner",
		For:       reconcile.Secrets.GroupResource,
		Watches:   []reconcile.Watch{reconcile.Self(reconcile.Secrets.GroupResource).If(isBootstrapToken)},
		Reconcile: cleanToken,
	}
}

func isBootstrapToken(_, after reconcile.Object) bool {
	if after == nil {
		return false
	}
	secret := after.(*corev1.Secret)
	return secret.Namespace == metav1.NamespaceSystem && secret.Type == corev1.SecretTypeBootstrapToken
}

func cleanToken(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	var plan reconcile.Plan
	secret, ok := reconcile.Secrets.Get(v, req.Key)
	if !ok || !isBootstrapToken(nil, secret) {
		return plan, nil
	}
	expiration := string(secret.Data["expiration"])
	if expiration == "" {
		return plan, nil
	}
	at, err := time.Parse(time.RFC3339, expiration)
	if left := at.Sub(v.Now()); err == nil && left > 0 {
		plan.Heartbeat(left, "the token expires")
		return plan, nil
	}
	plan.Delete(secret, "the token is good until %s only", expiration)
	return plan, nil
}
