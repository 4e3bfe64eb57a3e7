package controllers

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	certificatesv1 "k8s.io/api/certificates/v1"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestCSRApproving(t *testing.T) {
	recognize := func(csr *certificatesv1.CertificateSigningRequest) (is, itself bool) {
		return csr.Spec.SignerName == certificatesv1.KubeAPIServerClientKubeletSignerName, strings.HasPrefix(csr.Spec.Username, "system:node:")
	}
	// The groups of who asks are the subresources that they may create.
	review := func(_ reconcile.View, spec *authorizationv1.SubjectAccessReviewSpec) bool {
		a := spec.ResourceAttributes
		return a.Verb == "create" && a.Group == "certificates.k8s.io" && a.Resource == "certificatesigningrequests" && slices.Contains(spec.Groups, a.Subresource)
	}
	decisiontest.Run(t, "testdata/csrapproving", CSRApproving(recognize, review))
}

func TestCSRSigning(t *testing.T) {
	decisiontest.Run(t, "testdata/csrsigning", CSRSigning(CertificateSigner{
		Signs: func(name string) bool { return strings.HasPrefix(name, "kubernetes.io/") },
		Check: func(csr *certificatesv1.CertificateSigningRequest) error {
			if slices.Contains(csr.Spec.Usages, certificatesv1.UsageServerAuth) {
				return errors.New("invalid usage for client certificate: server auth")
			}
			return nil
		},
		Sign: func(csr *certificatesv1.CertificateSigningRequest, now time.Time) ([]byte, error) {
			if csr.Name == "broken" {
				return nil, errors.New("the signer has expired")
			}
			return []byte(csr.Name + " at " + now.String()), nil
		},
	}))
}

func TestCSRCleaner(t *testing.T) { decisiontest.Run(t, "testdata/csrcleaner", CSRCleaner()) }

func TestPodCertificateRequestCleaner(t *testing.T) {
	decisiontest.Run(t, "testdata/podcertificaterequestcleaner", PodCertificateRequestCleaner())
}

func TestClusterTrustBundlePublisher(t *testing.T) {
	decisiontest.Run(t, "testdata/clustertrustbundlepublisher", ClusterTrustBundlePublisher("CA IN PEM"))
}
