package controllers

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// defaultServiceAccount is the account of Pods that name none.
const defaultServiceAccount = "default"

// ServiceAccount is the service account controller: every active namespace
// has a ServiceAccount "default".
//
// Upstream: pkg/controller/serviceaccount (ServiceAccountsController), complete.
func ServiceAccount() reconcile.Component {
	return reconcile.Component{
		Name: "serviceaccount-controller",
		User: "system:serviceaccount:kube-system:service-account-controller",
		For:  reconcile.Namespaces.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.Namespaces.GroupResource),
			reconcile.Mapped(reconcile.ServiceAccounts.GroupResource, ownNamespace).If(isDeletion),
		},
		Reconcile: ensureServiceAccount,
	}
}

// ownNamespace is the key of the namespace that an object is in.
func ownNamespace(_ reconcile.View, o reconcile.Object) []reconcile.Key {
	return []reconcile.Key{{Name: o.GetNamespace()}}
}

func ensureServiceAccount(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	var plan reconcile.Plan
	ns, ok := reconcile.Namespaces.Get(v, req.Key)
	if !ok || ns.Status.Phase != corev1.NamespaceActive {
		return plan, nil
	}
	key := reconcile.Key{Namespace: ns.Name, Name: defaultServiceAccount}
	if _, ok := reconcile.ServiceAccounts.Get(v, key); ok {
		return plan, nil
	}
	plan.Create(&corev1.ServiceAccount{
		ObjectMeta: metav1.ObjectMeta{Namespace: ns.Name, Name: defaultServiceAccount},
	}, "every namespace has one")
	return plan, nil
}
