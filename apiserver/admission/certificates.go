package admission

import (
	"fmt"
	"slices"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubernetes/pkg/apis/certificates"
	"k8s.io/kubernetes/pkg/registry/rbac"

	"github.com/minik8s/minik8s/apiserver/auth"
)

// certificateApproval lets those approve a request for a certificate who have
// the right to approve for its signer.
//
// Upstream: plugin/pkg/admission/certificates/approval.
func certificateApproval() Plugin {
	return Plugin{Name: "CertificateApproval", For: []schema.GroupResource{certificateSigningRequests}, Validate: func(a *Attributes) error {
		if a.Operation != Update || a.Subresource != "approval" {
			return nil
		}
		// The old one's signer: the new one could name another.
		signer := a.OldObject.(*certificatesv1.CertificateSigningRequest).Spec.SignerName
		if !a.mayForSigner("approve", signer) {
			return a.Forbidden(fmt.Errorf("user not permitted to approve requests with signerName %q", signer))
		}
		return nil
	}}
}

// certificateSigning lets those put the certificate or a condition into a
// request's status who have the right to sign for its signer.
//
// Upstream: plugin/pkg/admission/certificates/signing.
func certificateSigning() Plugin {
	return Plugin{Name: "CertificateSigning", For: []schema.GroupResource{certificateSigningRequests}, Validate: func(a *Attributes) error {
		if a.Operation != Update || a.Subresource != "status" {
			return nil
		}
		csr, old := a.Object.(*certificatesv1.CertificateSigningRequest), a.OldObject.(*certificatesv1.CertificateSigningRequest)
		if slices.Equal(csr.Status.Certificate, old.Status.Certificate) && equality.Semantic.DeepEqual(csr.Status.Conditions, old.Status.Conditions) {
			return nil
		}
		if !a.mayForSigner("sign", old.Spec.SignerName) {
			return a.Forbidden(fmt.Errorf("user not permitted to sign requests with signerName %q", old.Spec.SignerName))
		}
		return nil
	}}
}

// clusterTrustBundleAttest lets those write a bundle of a signer's roots who
// have the right to attest for the signer.
//
// Upstream: plugin/pkg/admission/certificates/ctbattest.
func clusterTrustBundleAttest() Plugin {
	return Plugin{Name: "ClusterTrustBundleAttest", For: []schema.GroupResource{clusterTrustBundles}, Validate: func(a *Attributes) error {
		if a.Operation != Create && a.Operation != Update {
			return nil
		}
		bundle := a.Object.(*certificatesv1.ClusterTrustBundle)
		signer := bundle.Spec.SignerName
		if signer == "" || a.Operation == Update && rbac.IsOnlyMutatingGCFields(bundle, a.OldObject, equality.Semantic) {
			return nil
		}
		if !a.mayForSigner("attest", signer) {
			return a.Forbidden(fmt.Errorf("user not permitted to attest for signerName %q", signer))
		}
		return nil
	}}
}

// certificateSubjectRestriction refuses requests for a client certificate of
// the group that may do everything.
//
// Upstream: plugin/pkg/admission/certificates/subjectrestriction.
func certificateSubjectRestriction() Plugin {
	return Plugin{Name: "CertificateSubjectRestriction", For: []schema.GroupResource{certificateSigningRequests}, Validate: func(a *Attributes) error {
		if !a.isNew() {
			return nil
		}
		csr := a.Object.(*certificatesv1.CertificateSigningRequest)
		if csr.Spec.SignerName != certificatesv1.KubeAPIServerClientSignerName {
			return nil
		}
		request, err := certificates.ParseCSR(csr.Spec.Request)
		if err != nil {
			return a.Forbidden(fmt.Errorf("failed to parse CSR: %w", err))
		}
		if slices.Contains(request.Subject.Organization, "system:masters") {
			return a.Forbidden(fmt.Errorf("use of %s signer with system:masters group is not allowed", csr.Spec.SignerName))
		}
		return nil
	}}
}

// mayForSigner asks for the right to a verb on a signer, or on all signers of
// its domain.
func (a *Attributes) mayForSigner(verb, signer string) bool {
	for _, name := range auth.SignerNames(signer) {
		q := Question{Verb: verb, Resource: schema.GroupVersionResource{Group: certificatesv1.GroupName, Version: "*", Resource: "signers"}, Name: name}
		if allowed, _ := a.Authorize(q); allowed {
			return true
		}
	}
	return false
}
