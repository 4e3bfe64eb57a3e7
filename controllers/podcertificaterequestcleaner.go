package controllers

import (
	"time"

	"github.com/minik8s/minik8s/reconcile"
)

// keepPodCertificateRequest is longer than any request for the certificate of a
// Pod takes.
const keepPodCertificateRequest = 15 * time.Minute

// PodCertificateRequestCleaner deletes PodCertificateRequests that are old,
// whatever has become of them: a kubelet that still wants one makes another.
//
// Upstream: pkg/controller/certificates/cleaner (PCRCleanerController), which looks every 5 minutes where this comes back when it is time.
func PodCertificateRequestCleaner() reconcile.Component {
	return reconcile.Component{
		Name:      "podcertificaterequest-cleaner-controller",
		User:      "system:serviceaccount:kube-system:podcertificaterequestcleaner",
		For:       reconcile.PodCertificateRequests.GroupResource,
		Watches:   []reconcile.Watch{reconcile.Self(reconcile.PodCertificateRequests.GroupResource).If(isCreation)},
		Reconcile: cleanPodCertificateRequest,
	}
}

func isCreation(before, _ reconcile.Object) bool { return before == nil }

func cleanPodCertificateRequest(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	var plan reconcile.Plan
	request, ok := reconcile.PodCertificateRequests.Get(v, req.Key)
	if !ok {
		return plan, nil
	}
	if left := request.CreationTimestamp.Add(keepPodCertificateRequest).Sub(v.Now()); left > 0 {
		plan.Heartbeat(left, "delete it then")
		return plan, nil
	}
	plan.Delete(request, "it is %s old", keepPodCertificateRequest)
	return plan, nil
}
