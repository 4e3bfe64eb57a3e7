package authority

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	certificatesv1beta1 "k8s.io/api/certificates/v1beta1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/controller/certificates/authority"
)

// Signs says whether requests with a signer's name are for this authority.
func Signs(signer string) bool {
	switch signer {
	case certificatesv1.KubeAPIServerClientSignerName, certificatesv1.KubeAPIServerClientKubeletSignerName,
		certificatesv1.KubeletServingSignerName, certificatesv1beta1.LegacyUnknownSignerName:
		return true
	}
	return false
}

// Check says what a request asks for that its signer does not sign.
//
// Upstream: pkg/controller/certificates/signer (getCSRVerificationFuncForSignerName), complete.
func Check(csr *certificatesv1.CertificateSigningRequest) error {
	request, err := certificates.ParseCSR(csr.Spec.Request)
	if err != nil {
		return err
	}
	switch csr.Spec.SignerName {
	case certificatesv1.KubeAPIServerClientSignerName:
		return checkClientUsages(csr.Spec.Usages)
	case certificatesv1.KubeAPIServerClientKubeletSignerName:
		return certificates.ValidateKubeletClientCSR(request, usagesOf(csr))
	case certificatesv1.KubeletServingSignerName:
		return certificates.ValidateKubeletServingCSR(request, usagesOf(csr))
	}
	return nil
}

func checkClientUsages(usages []certificatesv1.KeyUsage) error {
	isClient := false
	for _, usage := range usages {
		switch usage {
		case certificatesv1.UsageClientAuth:
			isClient = true
		case certificatesv1.UsageDigitalSignature, certificatesv1.UsageKeyEncipherment:
		default:
			return fmt.Errorf("invalid usage for client certificate: %s", usage)
		}
	}
	if !isClient {
		return fmt.Errorf("missing required usage for client certificate: %s", certificatesv1.UsageClientAuth)
	}
	return nil
}

// KubeletClient says whether a request is one for a kubelet's client
// certificate, and whether it is of the kubelet itself, which has one already.
//
// Upstream: pkg/controller/certificates/approver (isNodeClientCert, isSelfNodeClientCert), complete.
func KubeletClient(csr *certificatesv1.CertificateSigningRequest) (is, itself bool) {
	request, err := certificates.ParseCSR(csr.Spec.Request)
	if err != nil || csr.Spec.SignerName != certificatesv1.KubeAPIServerClientKubeletSignerName {
		return false, false
	}
	is = certificates.IsKubeletClientCSR(request, usagesOf(csr))
	return is, is && csr.Spec.Username == request.Subject.CommonName
}

func usagesOf(csr *certificatesv1.CertificateSigningRequest) sets.String {
	usages := sets.NewString()
	for _, usage := range csr.Spec.Usages {
		usages.Insert(string(usage))
	}
	return usages
}

const (
	longest  = 365 * 24 * time.Hour // --cluster-signing-duration
	shortest = 10 * time.Minute
	// A certificate begins that much before it is signed, for clocks that are
	// behind.
	backdate = 5 * time.Minute
	// Those that last less than this end no earlier for it.
	short = 8 * time.Hour
)

// Sign signs what an approved request asks for, at a time, and returns the
// certificate as PEM. The serial number comes from the request's UID.
//
// Upstream: pkg/controller/certificates/signer (sign), whose certificate is signed a second time, so that serial number and signature are not random.
func (a *Authority) Sign(csr *certificatesv1.CertificateSigningRequest, now time.Time) ([]byte, error) {
	request, err := certificates.ParseCSR(csr.Spec.Request)
	if err != nil {
		return nil, err
	}
	upstream := authority.CertificateAuthority{Certificate: a.certificate, PrivateKey: a.key}
	der, err := upstream.Sign(request.Raw, authority.PermissiveSigningPolicy{
		TTL: lifetime(csr.Spec.ExpirationSeconds), Usages: csr.Spec.Usages,
		Backdate: backdate, Short: short, Now: func() time.Time { return now },
	})
	if err != nil {
		return nil, err
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	signed.SerialNumber = serial(bytes.Join([][]byte{[]byte(csr.UID), request.Raw}, nil))
	return a.Issue(signed, signed.PublicKey)
}

// lifetime is how long a certificate lasts of which so many seconds are asked.
func lifetime(seconds *int32) time.Duration {
	if seconds == nil {
		return longest
	}
	return min(max(time.Duration(*seconds)*time.Second, shortest), longest)
}
