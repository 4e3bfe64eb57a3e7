package controllers

import (
	"fmt"
	"slices"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// CertificateSigner is what signs the certificates that are asked for.
type CertificateSigner struct {
	// Signs says whether requests for the signer with a name are its own.
	Signs func(signerName string) bool
	// Check says what a request asks for that its signer never signs.
	Check func(*certificatesv1.CertificateSigningRequest) error
	// Sign makes a certificate, in PEM, that begins about now.
	Sign func(csr *certificatesv1.CertificateSigningRequest, now time.Time) ([]byte, error)
}

// certificateUser is who the controllers of certificates act as.
const certificateUser = "system:serviceaccount:kube-system:certificate-controller"

// CSRSigning signs the certificates of approved CertificateSigningRequests for
// Kubernetes' own signers. A request that its signer does not sign fails, for
// good.
//
// Upstream: pkg/controller/certificates/signer (CSRSigningController), one for the four signers.
func CSRSigning(signer CertificateSigner) reconcile.Component {
	return reconcile.Component{
		Name:    "certificatesigningrequest-signing-controller",
		User:    certificateUser,
		For:     reconcile.CertificateSigningRequests.GroupResource,
		Watches: []reconcile.Watch{reconcile.Self(reconcile.CertificateSigningRequests.GroupResource).If(isUnsigned)},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return signRequest(v, req, signer)
		},
	}
}

// isUnsigned: there is a request that has no certificate.
func isUnsigned(_, after reconcile.Object) bool {
	return after != nil && len(after.(*certificatesv1.CertificateSigningRequest).Status.Certificate) == 0
}

func signRequest(v reconcile.View, req reconcile.Request, signer CertificateSigner) (reconcile.Plan, error) {
	var plan reconcile.Plan
	csr, ok := reconcile.CertificateSigningRequests.Get(v, req.Key)
	if !ok || !isUnsigned(nil, csr) {
		return plan, nil
	}
	if why := whyUnsigned(csr, signer); why != "" {
		plan.Observe("%s", why)
		return plan, nil
	}
	answered := csr.DeepCopy()
	if refusal := signer.Check(csr); refusal != nil {
		answered.Status.Conditions = append(answered.Status.Conditions, certificatesv1.CertificateSigningRequestCondition{
			Type:           certificatesv1.CertificateFailed,
			Status:         corev1.ConditionTrue,
			Reason:         "SignerValidationFailure",
			Message:        refusal.Error(),
			LastUpdateTime: metav1.NewTime(v.Now()),
		})
		plan.UpdateStatus(answered, "%s does not sign this: %v", csr.Spec.SignerName, refusal)
		return plan, nil
	}
	certificate, err := signer.Sign(csr, v.Now())
	if err != nil {
		return plan, fmt.Errorf("error auto signing csr: %w", err)
	}
	answered.Status.Certificate = certificate
	plan.UpdateStatus(answered, "it is approved, so %s signs it", csr.Spec.SignerName)
	return plan, nil
}

// whyUnsigned says why nothing is to be done for a request that has no
// certificate. It is empty if there is.
func whyUnsigned(csr *certificatesv1.CertificateSigningRequest, signer CertificateSigner) string {
	switch {
	case hasRequestCondition(csr, certificatesv1.CertificateDenied):
		return "it was denied"
	case !hasRequestCondition(csr, certificatesv1.CertificateApproved):
		return "nobody has approved it yet"
	case isTrueCondition(csr, certificatesv1.CertificateFailed):
		return "it has failed before"
	case !signer.Signs(csr.Spec.SignerName):
		return fmt.Sprintf("%s is a signer outside of the cluster", csr.Spec.SignerName)
	}
	return ""
}

// hasRequestCondition leaves it open what the condition's status is: as soon as
// it is there, it says that the request is approved, denied or has failed.
func hasRequestCondition(csr *certificatesv1.CertificateSigningRequest, kind certificatesv1.RequestConditionType) bool {
	return slices.ContainsFunc(csr.Status.Conditions, func(c certificatesv1.CertificateSigningRequestCondition) bool {
		return c.Type == kind
	})
}

func isTrueCondition(csr *certificatesv1.CertificateSigningRequest, kind certificatesv1.RequestConditionType) bool {
	return slices.ContainsFunc(csr.Status.Conditions, func(c certificatesv1.CertificateSigningRequestCondition) bool {
		return c.Type == kind && (c.Status == "" || c.Status == corev1.ConditionTrue)
	})
}
