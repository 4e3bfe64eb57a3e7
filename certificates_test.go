package minik8s_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	certificatesv1 "k8s.io/api/certificates/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	certificatesclient "k8s.io/client-go/kubernetes/typed/certificates/v1"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/authority"
)

// newRequest asks for a certificate with a key that is the same each time.
func newRequest(t *testing.T, name, signer string, subject pkix.Name, usages ...certificatesv1.KeyUsage) *certificatesv1.CertificateSigningRequest {
	scalar := sha256.Sum256([]byte(name))
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
	require.NoError(t, err)
	der, err := x509.CreateCertificateRequest(nil, &x509.CertificateRequest{Subject: subject}, key)
	require.NoError(t, err)
	return &certificatesv1.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: certificatesv1.CertificateSigningRequestSpec{
			SignerName: signer, Usages: usages, Request: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}),
		},
	}
}

func requests(c *minik8s.Cluster) certificatesclient.CertificateSigningRequestInterface {
	return kubernetes.NewForConfigOrDie(c.RESTConfig()).CertificatesV1().CertificateSigningRequests()
}

func decide(t *testing.T, c *minik8s.Cluster, name string, kind certificatesv1.RequestConditionType) {
	csr, err := requests(c).Get(t.Context(), name, metav1.GetOptions{})
	require.NoError(t, err)
	csr.Status.Conditions = append(csr.Status.Conditions, certificatesv1.CertificateSigningRequestCondition{Type: kind, Status: "True", Reason: "Test"})
	_, err = requests(c).UpdateApproval(t.Context(), name, csr, metav1.UpdateOptions{})
	require.NoError(t, err)
}

// certificateOf settles, and returns a request and its certificate, if it has one.
func certificateOf(t *testing.T, c *minik8s.Cluster, name string) (*certificatesv1.CertificateSigningRequest, *x509.Certificate) {
	_, err := c.Settle(time.Minute)
	require.NoError(t, err)
	csr, err := requests(c).Get(t.Context(), name, metav1.GetOptions{})
	require.NoError(t, err)
	if len(csr.Status.Certificate) == 0 {
		return csr, nil
	}
	block, _ := pem.Decode(csr.Status.Certificate)
	certificate, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	return csr, certificate
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	c, err := minik8s.New(minik8s.Options{Seed: 7})
	require.NoError(t, err)
	jane := pkix.Name{CommonName: "jane", Organization: []string{"dev"}}
	for name, usage := range map[string]certificatesv1.KeyUsage{"jane": certificatesv1.UsageClientAuth, "serving": certificatesv1.UsageServerAuth, "no": certificatesv1.UsageClientAuth} {
		_, err = requests(c).Create(t.Context(), newRequest(t, name, certificatesv1.KubeAPIServerClientSignerName, jane, usage), metav1.CreateOptions{})
		require.NoError(t, err)
	}
	_, certificate := certificateOf(t, c, "jane")
	require.Nil(t, certificate, "nobody has approved it")

	decide(t, c, "jane", certificatesv1.CertificateApproved)
	decide(t, c, "serving", certificatesv1.CertificateApproved)
	decide(t, c, "no", certificatesv1.CertificateDenied)
	_, certificate = certificateOf(t, c, "jane")
	require.Equal(t, []string{"dev"}, certificate.Subject.Organization)
	_, err = certificate.Verify(x509.VerifyOptions{
		Roots: authority.FromSeed(7).Pool(), CurrentTime: c.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	require.NoError(t, err)

	failed, certificate := certificateOf(t, c, "serving")
	require.Nil(t, certificate)
	require.Equal(t, certificatesv1.CertificateFailed, failed.Status.Conditions[1].Type)
	require.Equal(t, "SignerValidationFailure", failed.Status.Conditions[1].Reason)
	require.Equal(t, "invalid usage for client certificate: server auth", failed.Status.Conditions[1].Message)
	_, certificate = certificateOf(t, c, "no")
	require.Nil(t, certificate)

	_, err = c.Advance(time.Hour + time.Minute)
	require.NoError(t, err)
	left, err := requests(c).List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Empty(t, left.Items, "they are cleaned up")
}

// A node that joins with a bootstrap token has its certificate without anybody's
// help, but only as a token of kubeadm's group, or once somebody lets it.
func TestKubeletCertificates(t *testing.T) {
	t.Parallel()
	joining := apiserver.User{Name: "system:bootstrap:abcdef", Groups: []string{"system:bootstrappers", "system:authenticated"}}
	c, err := minik8s.New(minik8s.Options{})
	require.NoError(t, err)
	node := pkix.Name{CommonName: "system:node:n", Organization: []string{"system:nodes"}}
	ask := func(name string, groups ...string) {
		config := c.RESTConfig()
		config.Impersonate.UserName, config.Impersonate.Groups = joining.Name, append(groups, joining.Groups...)
		_, err := kubernetes.NewForConfigOrDie(config).CertificatesV1().CertificateSigningRequests().Create(t.Context(),
			newRequest(t, name, certificatesv1.KubeAPIServerClientKubeletSignerName, node, certificatesv1.UsageDigitalSignature, certificatesv1.UsageClientAuth), metav1.CreateOptions{})
		require.NoError(t, err)
	}
	ask("joins", "system:bootstrappers:kubeadm:default-node-token")
	joined, certificate := certificateOf(t, c, "joins")
	require.Equal(t, "system:node:n", certificate.Subject.CommonName)
	require.Equal(t, "AutoApproved", joined.Status.Conditions[0].Reason)

	require.NoError(t, c.Apply(`{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: ask},
		roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:node-bootstrapper"}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:bootstrappers"}]}`))
	ask("waits")
	_, certificate = certificateOf(t, c, "waits")
	require.Nil(t, certificate)
	require.NoError(t, c.Apply(`{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: join},
		roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:certificates.k8s.io:certificatesigningrequests:nodeclient"}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "system:bootstrap:abcdef"}]}`))
	_, certificate = certificateOf(t, c, "waits")
	require.NotNil(t, certificate, "the right is there now")
}

// A replay signs the same bytes again.
func TestCertificatesReplay(t *testing.T) {
	t.Parallel()
	c, err := minik8s.New(minik8s.Options{})
	require.NoError(t, err)
	_, err = requests(c).Create(t.Context(), newRequest(t, "jane", certificatesv1.KubeAPIServerClientSignerName, pkix.Name{CommonName: "jane"}, certificatesv1.UsageClientAuth), metav1.CreateOptions{})
	require.NoError(t, err)
	decide(t, c, "jane", certificatesv1.CertificateApproved)
	first, _ := certificateOf(t, c, "jane")
	require.NotEmpty(t, first.Status.Certificate)
	replayed, err := c.Replay(0)
	require.NoError(t, err)
	again, err := requests(replayed).Get(t.Context(), "jane", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, first, again)
}
