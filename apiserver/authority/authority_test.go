package authority_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	certificatesv1 "k8s.io/api/certificates/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/apiserver/authority"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func request(t *testing.T, signer string, template x509.CertificateRequest, usages ...certificatesv1.KeyUsage) *certificatesv1.CertificateSigningRequest {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificateRequest(rand.Reader, &template, key)
	require.NoError(t, err)
	return &certificatesv1.CertificateSigningRequest{
		ObjectMeta: metav1.ObjectMeta{Name: "r", UID: "1234"},
		Spec: certificatesv1.CertificateSigningRequestSpec{
			SignerName: signer, Usages: usages, Request: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}),
		},
	}
}

func jane(t *testing.T) *certificatesv1.CertificateSigningRequest {
	return request(t, certificatesv1.KubeAPIServerClientSignerName,
		x509.CertificateRequest{Subject: pkix.Name{CommonName: "jane", Organization: []string{"dev"}}, DNSNames: []string{"jane.example"}},
		certificatesv1.UsageClientAuth, certificatesv1.UsageDigitalSignature)
}

func parse(t *testing.T, text []byte) *x509.Certificate {
	block, rest := pem.Decode(text)
	require.Empty(t, rest)
	certificate, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	return certificate
}

func TestSign(t *testing.T) {
	ca, csr := authority.FromSeed(1), jane(t)
	signed, err := ca.Sign(csr, now)
	require.NoError(t, err)
	certificate := parse(t, signed)
	require.Equal(t, "jane", certificate.Subject.CommonName)
	require.Equal(t, []string{"dev"}, certificate.Subject.Organization)
	require.Equal(t, []string{"jane.example"}, certificate.DNSNames)
	require.Equal(t, x509.KeyUsageDigitalSignature, certificate.KeyUsage)
	require.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, certificate.ExtKeyUsage)
	require.False(t, certificate.IsCA)
	require.Equal(t, now.Add(-5*time.Minute), certificate.NotBefore)
	require.Equal(t, now.Add(365*24*time.Hour-5*time.Minute), certificate.NotAfter)
	_, err = certificate.Verify(x509.VerifyOptions{Roots: ca.Pool(), CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	require.NoError(t, err)
}

// The same request gives the same bytes; another one gives another number.
func TestSignaturesAreComputed(t *testing.T) {
	csr := jane(t)
	first, err := authority.FromSeed(1).Sign(csr, now)
	require.NoError(t, err)
	again, err := authority.FromSeed(1).Sign(csr, now)
	require.NoError(t, err)
	require.Equal(t, string(first), string(again))
	require.Equal(t, authority.FromSeed(1).PEM(), authority.FromSeed(1).PEM())
	require.NotEqual(t, authority.FromSeed(1).PEM(), authority.FromSeed(2).PEM())

	other := csr.DeepCopy()
	other.UID = "5678"
	second, err := authority.FromSeed(1).Sign(other, now)
	require.NoError(t, err)
	require.NotEqual(t, parse(t, first).SerialNumber, parse(t, second).SerialNumber)
}

func TestLifetime(t *testing.T) {
	for _, test := range []struct {
		asked *int32
		want  time.Duration // from now on
	}{
		{nil, 365*24*time.Hour - 5*time.Minute},
		{ptr.To[int32](600), 10 * time.Minute},
		{ptr.To[int32](1), 10 * time.Minute},
		{ptr.To[int32](3600), time.Hour}, // short ones end no earlier for beginning earlier
		{ptr.To[int32](8 * 3600), 8*time.Hour - 5*time.Minute},
		{ptr.To[int32](2 * 365 * 24 * 3600), 365*24*time.Hour - 5*time.Minute},
	} {
		csr := jane(t)
		csr.Spec.ExpirationSeconds = test.asked
		signed, err := authority.FromSeed(1).Sign(csr, now)
		require.NoError(t, err)
		require.Equal(t, test.want, parse(t, signed).NotAfter.Sub(now))
	}
}

func TestSignRefuses(t *testing.T) {
	csr := jane(t)
	csr.Spec.Usages = append(csr.Spec.Usages, "to fly")
	_, err := authority.FromSeed(1).Sign(csr, now)
	require.EqualError(t, err, `unrecognized usage values: ["to fly"]`)
	_, err = authority.FromSeed(1).Sign(jane(t), time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC))
	require.ErrorContains(t, err, "refusing to sign a certificate that expired in the past")
	csr.Spec.Request = []byte("nothing")
	_, err = authority.FromSeed(1).Sign(csr, now)
	require.EqualError(t, err, "PEM block type must be CERTIFICATE REQUEST")
}

func TestCheck(t *testing.T) {
	node := pkix.Name{CommonName: "system:node:a", Organization: []string{"system:nodes"}}
	const signing, client, server = certificatesv1.UsageDigitalSignature, certificatesv1.UsageClientAuth, certificatesv1.UsageServerAuth
	for _, test := range []struct {
		signer   string
		template x509.CertificateRequest
		usages   []certificatesv1.KeyUsage
		want     string
	}{
		{certificatesv1.KubeAPIServerClientSignerName, x509.CertificateRequest{}, []certificatesv1.KeyUsage{client}, ""},
		{certificatesv1.KubeAPIServerClientSignerName, x509.CertificateRequest{}, []certificatesv1.KeyUsage{signing}, "missing required usage for client certificate: client auth"},
		{certificatesv1.KubeAPIServerClientSignerName, x509.CertificateRequest{}, []certificatesv1.KeyUsage{client, server}, "invalid usage for client certificate: server auth"},
		{certificatesv1.KubeAPIServerClientKubeletSignerName, x509.CertificateRequest{Subject: node}, []certificatesv1.KeyUsage{signing, client}, ""},
		{certificatesv1.KubeAPIServerClientKubeletSignerName, x509.CertificateRequest{Subject: node}, []certificatesv1.KeyUsage{client}, "usages did not match [client auth digital signature key encipherment]"},
		{certificatesv1.KubeAPIServerClientKubeletSignerName, x509.CertificateRequest{}, []certificatesv1.KeyUsage{signing, client}, "subject organization is not system:nodes"},
		{certificatesv1.KubeletServingSignerName, x509.CertificateRequest{Subject: node, DNSNames: []string{"a"}}, []certificatesv1.KeyUsage{signing, server}, ""},
		{certificatesv1.KubeletServingSignerName, x509.CertificateRequest{Subject: node}, []certificatesv1.KeyUsage{signing, server}, "DNS or IP subjectAltName is required"},
		{"kubernetes.io/legacy-unknown", x509.CertificateRequest{}, []certificatesv1.KeyUsage{server, "crl sign"}, ""},
	} {
		csr := request(t, test.signer, test.template, test.usages...)
		require.True(t, authority.Signs(test.signer))
		if test.want == "" {
			require.NoError(t, authority.Check(csr))
			continue
		}
		require.EqualError(t, authority.Check(csr), test.want)
	}
	require.False(t, authority.Signs("kubernetes.io/kube-apiserver-serving"))
	require.False(t, authority.Signs("example.com/mine"))
}

func TestKubeletClient(t *testing.T) {
	template := x509.CertificateRequest{Subject: pkix.Name{CommonName: "system:node:a", Organization: []string{"system:nodes"}}}
	csr := request(t, certificatesv1.KubeAPIServerClientKubeletSignerName, template, certificatesv1.UsageDigitalSignature, certificatesv1.UsageClientAuth)
	answer := func() [2]bool {
		is, itself := authority.KubeletClient(csr)
		return [2]bool{is, itself}
	}
	csr.Spec.Username = "system:bootstrap:abcdef"
	require.Equal(t, [2]bool{true, false}, answer())
	csr.Spec.Username = "system:node:a"
	require.Equal(t, [2]bool{true, true}, answer())
	csr.Spec.Usages = csr.Spec.Usages[:1]
	require.Equal(t, [2]bool{}, answer())
	csr = jane(t)
	require.Equal(t, [2]bool{}, answer())
}
