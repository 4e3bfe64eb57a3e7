package controllers

import (
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// ReviewAccess answers a SubjectAccessReview from what a component sees.
type ReviewAccess func(reconcile.View, *authorizationv1.SubjectAccessReviewSpec) bool

// RecognizeKubeletClient says whether a request is one for the client
// certificate of a kubelet, and whether it is from that kubelet itself.
type RecognizeKubeletClient func(*certificatesv1.CertificateSigningRequest) (is, itself bool)

// CSRApproving approves requests for the client certificates of kubelets, if
// who asks has the right to have one: for itself, or for any node.
//
// Upstream: pkg/controller/certificates/approver, which tries again with back-off where this is woken by a change of the roles.
func CSRApproving(recognize RecognizeKubeletClient, review ReviewAccess) reconcile.Component {
	return reconcile.Component{
		Name: "certificatesigningrequest-approving-controller",
		User: certificateUser,
		For:  reconcile.CertificateSigningRequests.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.CertificateSigningRequests.GroupResource).If(isUndecided),
			reconcile.Mapped(reconcile.ClusterRoles.GroupResource, undecidedForKubelets),
			reconcile.Mapped(reconcile.ClusterRoleBindings.GroupResource, undecidedForKubelets),
		},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return approveRequest(v, req, recognize, review), nil
		},
	}
}

// isUndecided: there is a request that is neither approved nor denied.
func isUndecided(_, after reconcile.Object) bool {
	if after == nil {
		return false
	}
	csr := after.(*certificatesv1.CertificateSigningRequest)
	return len(csr.Status.Certificate) == 0 &&
		!hasRequestCondition(csr, certificatesv1.CertificateApproved) && !hasRequestCondition(csr, certificatesv1.CertificateDenied)
}

func undecidedForKubelets(v reconcile.View, _ reconcile.Object) []reconcile.Key {
	var keys []reconcile.Key
	for _, csr := range reconcile.CertificateSigningRequests.List(v) {
		if csr.Spec.SignerName == certificatesv1.KubeAPIServerClientKubeletSignerName && isUndecided(nil, csr) {
			keys = append(keys, reconcile.KeyOf(csr))
		}
	}
	return keys
}

func approveRequest(v reconcile.View, req reconcile.Request, recognize RecognizeKubeletClient, review ReviewAccess) reconcile.Plan {
	var plan reconcile.Plan
	csr, ok := reconcile.CertificateSigningRequests.Get(v, req.Key)
	if !ok || !isUndecided(nil, csr) {
		return plan
	}
	is, itself := recognize(csr)
	if !is {
		plan.Observe("it is not for a kubelet's client certificate, so somebody has to approve it")
		return plan
	}
	var tried []string
	for _, right := range rightsToClientCertificates {
		if right.self && !itself {
			continue
		}
		if review(v, accessTo(right.subresource, csr)) {
			approve(&plan, csr, right.message)
			return plan
		}
		tried = append(tried, right.subresource)
	}
	plan.Observe("it is for a kubelet's client certificate, but %s may not create certificatesigningrequests/%s", csr.Spec.Username, strings.Join(tried, " nor "))
	return plan
}

// rightsToClientCertificates are the rights that let a kubelet's client
// certificate be approved, in the order in which they are asked for.
var rightsToClientCertificates = [...]struct {
	subresource, message string
	self                 bool // for who renews a certificate only
}{
	{"selfnodeclient", "Auto approving self kubelet client certificate after SubjectAccessReview.", true},
	{"nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview.", false},
}

func accessTo(subresource string, csr *certificatesv1.CertificateSigningRequest) *authorizationv1.SubjectAccessReviewSpec {
	extra := make(map[string]authorizationv1.ExtraValue, len(csr.Spec.Extra))
	for key, values := range csr.Spec.Extra {
		extra[key] = authorizationv1.ExtraValue(values)
	}
	return &authorizationv1.SubjectAccessReviewSpec{
		User: csr.Spec.Username, UID: csr.Spec.UID, Groups: csr.Spec.Groups, Extra: extra,
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: "create", Group: certificatesv1.GroupName, Version: "*",
			Resource: "certificatesigningrequests", Subresource: subresource,
		},
	}
}

func approve(plan *reconcile.Plan, csr *certificatesv1.CertificateSigningRequest, message string) {
	approved := csr.DeepCopy()
	approved.Status.Conditions = append(approved.Status.Conditions, certificatesv1.CertificateSigningRequestCondition{
		Type: certificatesv1.CertificateApproved, Status: corev1.ConditionTrue, Reason: "AutoApproved", Message: message,
	})
	plan.Approve(approved, "%s may have a kubelet's client certificate", csr.Spec.Username)
}
