package apiserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// pemRequest is a certificate request for CN=ann, made for this test alone.
const pemRequest = `-----BEGIN CERTIFICATE REQUEST-----
MIHJMHACAQAwDjEMMAoGA1UEAwwDYW5uMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAEQTomSeFXFQX86gRmh5CgKTpSj3szaOVCi9uDx76rbrRSt370Z3UYBJ/Op2Oy
AgiNZN3syvRiQW089ZEYrhKJ4qAAMAoGCCqGSM49BAMCA0kAMEYCIQC+2l1+S5Tb
gvoD5//Y7k8MVDuc0u6jpx9Kj5fgeZCalAIhANcTVnfcE74H+AFwN0J6jG4R4113
eofKmJvfuNZ8spJ5
-----END CERTIFICATE REQUEST-----
`

// TestApproval: a certificate is asked for in the asker's own name, and only
// the approval subresource approves it.
func TestApproval(t *testing.T) {
	w := newWorld(t)
	w.user = User{Name: "ann", UID: "7", Groups: []string{"dev"}, Extra: map[string][]string{"example.com/team": {"a"}}}
	csr := w.mustCreate("certificatesigningrequests", "", &certificatesv1.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{Name: "ann"},
		Spec: certificatesv1.CertificateSigningRequestSpec{
			Request: []byte(pemRequest), SignerName: "kubernetes.io/kube-apiserver-client",
			Usages: []certificatesv1.KeyUsage{certificatesv1.UsageClientAuth}, Username: "somebody else",
		},
	}).(*certificatesv1.CertificateSigningRequest)
	require.Equal(t, "ann 7", csr.Spec.Username+" "+csr.Spec.UID)
	require.Equal(t, []string{"dev"}, csr.Spec.Groups)
	require.Equal(t, map[string]certificatesv1.ExtraValue{"example.com/team": {"a"}}, csr.Spec.Extra)

	approved := csr.DeepCopy()
	approved.Status.Conditions = []certificatesv1.CertificateSigningRequestCondition{{
		Type: certificatesv1.CertificateApproved, Status: corev1.ConditionTrue, Reason: "KubectlApprove",
	}}
	_, err := w.update("certificatesigningrequests", "status", approved.DeepCopy())
	require.ErrorContains(t, err, `updates may not add a condition of type "Approved"`)
	got := w.mustUpdate("certificatesigningrequests", "approval", approved).(*certificatesv1.CertificateSigningRequest)
	require.Equal(t, certificatesv1.CertificateApproved, got.Status.Conditions[0].Type)
}

// TestRequesterIsWholeUser: a request for a certificate names all that is known
// of who asks, and nothing that the asker says of it.
func TestRequesterIsWholeUser(t *testing.T) {
	w := newWorld(t)
	r := w.request(Create, "certificatesigningrequests", "")
	r.User = User{Name: "ann", UID: "abc123", Groups: []string{"dev"}, Extra: map[string][]string{"key": {"one,two", "three"}}}
	r.Object = &certificatesv1.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{Name: "ann"},
		Spec: certificatesv1.CertificateSigningRequestSpec{
			Request: []byte(pemRequest), SignerName: "kubernetes.io/kube-apiserver-client",
			Usages: []certificatesv1.KeyUsage{certificatesv1.UsageClientAuth},
			UID:    "another", Extra: map[string]certificatesv1.ExtraValue{"mine": {"own"}},
		},
	}
	response, err := w.Do(r)
	require.NoError(t, err)
	spec := response.Object.(*certificatesv1.CertificateSigningRequest).Spec
	require.Equal(t, "ann", spec.Username)
	require.Equal(t, "abc123", spec.UID)
	require.Equal(t, []string{"dev"}, spec.Groups)
	require.Equal(t, map[string]certificatesv1.ExtraValue{"key": {"one,two", "three"}}, spec.Extra)
}
