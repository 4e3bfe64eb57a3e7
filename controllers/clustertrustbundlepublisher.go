package controllers

import (
	"crypto/sha256"
	"fmt"

	certificatesv1 "k8s.io/api/certificates/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// servingSigner is the name under which the authority of the API server's own
// certificate is published.
const servingSigner = "kubernetes.io/kube-apiserver-serving"

// ClusterTrustBundlePublisher keeps one ClusterTrustBundle with the authority
// that the API server's certificate is signed by, and deletes all others of that
// signer. ca is the bundle in PEM; its name has a hash of it.
//
// Upstream: pkg/controller/certificates/clustertrustbundlepublisher, for an authority that does not change.
func ClusterTrustBundlePublisher(ca string) reconcile.Component {
	sum := sha256.Sum256([]byte(ca))
	wanted := &certificatesv1.ClusterTrustBundle{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("kubernetes.io:kube-apiserver-serving:%x", sum[:12])},
		Spec:       certificatesv1.ClusterTrustBundleSpec{SignerName: servingSigner, TrustBundle: ca},
	}
	return reconcile.Component{
		Name:    "kube-apiserver-serving-clustertrustbundle-publisher-controller",
		User:    "system:serviceaccount:kube-system:kube-apiserver-serving-clustertrustbundle-publisher",
		Starts:  func(string) []reconcile.Key { return []reconcile.Key{reconcile.Single} },
		Watches: []reconcile.Watch{reconcile.Whole(reconcile.ClusterTrustBundles.GroupResource).If(isOfServingSigner)},
		Reconcile: func(v reconcile.View, _ reconcile.Request) (reconcile.Plan, error) {
			return publishTrustBundle(v, wanted), nil
		},
	}
}

func isOfServingSigner(before, after reconcile.Object) bool {
	of := func(o reconcile.Object) bool {
		return o != nil && o.(*certificatesv1.ClusterTrustBundle).Spec.SignerName == servingSigner
	}
	return of(before) || of(after)
}

func publishTrustBundle(v reconcile.View, wanted *certificatesv1.ClusterTrustBundle) reconcile.Plan {
	var plan reconcile.Plan
	present, ok := reconcile.ClusterTrustBundles.Get(v, reconcile.KeyOf(wanted))
	if !ok {
		plan.Create(wanted.DeepCopy(), "Pods can be given what the API server's certificate is checked with")
	} else if present.Spec.TrustBundle != wanted.Spec.TrustBundle {
		updated := present.DeepCopy()
		updated.Spec.TrustBundle = wanted.Spec.TrustBundle
		plan.Update(updated, "put back the authority of the API server's certificate")
	}
	for _, bundle := range reconcile.ClusterTrustBundles.List(v) {
		if bundle.Spec.SignerName == servingSigner && bundle.Name != wanted.Name {
			plan.Delete(bundle, "it is not the authority of the API server's certificate")
		}
	}
	return plan
}
