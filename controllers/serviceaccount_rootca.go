package controllers

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

const (
	rootCAConfigMap       = "kube-root-ca.crt"
	descriptionAnnotation = "kubernetes.io/description"
	rootCADescription     = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. " +
		"No other usage is guaranteed across distributions of Kubernetes clusters."
)

// RootCACertPublisher keeps a ConfigMap "kube-root-ca.crt" in every namespace,
// which is mounted into Pods beside the token of their ServiceAccount. ca is
// the bundle in PEM. Upstream has it in pkg/controller/certificates.
func RootCACertPublisher(ca string) reconcile.Component {
	isRootCA := func(before, after reconcile.Object) bool {
		return before != nil && before.GetName() == rootCAConfigMap
	}
	return reconcile.Component{
		Name: "root-ca-certificate-publisher",
		User: "system:serviceaccount:kube-system:root-ca-cert-publisher",
		For:  reconcile.Namespaces.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.Namespaces.GroupResource),
			reconcile.Mapped(reconcile.ConfigMaps.GroupResource, ownNamespace).If(isRootCA),
		},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return publishRootCA(v, req, ca), nil
		},
	}
}

func publishRootCA(v reconcile.View, req reconcile.Request, ca string) reconcile.Plan {
	var plan reconcile.Plan
	ns, ok := reconcile.Namespaces.Get(v, req.Key)
	if !ok || ns.DeletionTimestamp != nil {
		return plan
	}
	data := map[string]string{"ca.crt": ca}
	present, ok := reconcile.ConfigMaps.Get(v, reconcile.Key{Namespace: ns.Name, Name: rootCAConfigMap})
	if !ok {
		plan.Create(&corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{
				Namespace:   ns.Name,
				Name:        rootCAConfigMap,
				Annotations: map[string]string{descriptionAnnotation: rootCADescription},
			},
			Data: data,
		}, "every namespace has the cluster's certificate authority")
		return plan
	}
	if maps.Equal(present.Data, data) && present.Annotations[descriptionAnnotation] != "" {
		return plan
	}
	updated := present.DeepCopy()
	updated.Data = data
	metav1.SetMetaDataAnnotation(&updated.ObjectMeta, descriptionAnnotation, rootCADescription)
	plan.Update(updated, "put back the cluster's certificate authority")
	return plan
}
