package wire

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// KeyPair is a certificate and its private key, PEM-encoded.
type KeyPair struct {
	Cert, Key []byte
}

// Credentials are what a cluster and its first user prove who they are with.
type Credentials struct {
	CA     KeyPair
	Server KeyPair
	// Admin is a client certificate for kubernetes-admin, as kubeadm makes it.
	Admin KeyPair
}

// certificateLife is how long certificates are valid, from an hour ago on in
// case of a clock that is set back.
const certificateLife = 10 * 365 * 24 * time.Hour

// serverNames are what clients may call the API server: on this machine, and
// inside the cluster.
var serverNames = []string{
	"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
}

// NewCredentials makes a new CA, and with it certificates for the server on
// loopback and for its administrator. addresses are further ones that the
// server is reached at. The keys are real: they come from the machine's own
// randomness and are no part of the deterministic world.
func NewCredentials(addresses ...net.IP) (*Credentials, error) {
	ca, err := newCA()
	if err != nil {
		return nil, fmt.Errorf("making the cluster's CA: %w", err)
	}
	server, err := ca.sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		DNSNames:    serverNames,
		IPAddresses: append([]net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, addresses...),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil {
		return nil, fmt.Errorf("making the server's certificate: %w", err)
	}
	admin, err := ca.sign(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "kubernetes-admin", Organization: []string{"kubeadm:cluster-admins"}},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return nil, fmt.Errorf("making the administrator's certificate: %w", err)
	}
	return &Credentials{CA: ca.pem, Server: server, Admin: admin}, nil
}

// TLS is the server's side of a connection: a client certificate is asked
// for, but a client may do without. Whether it is good is for the handler to say,
// since a client with a bad one may have a token.
func (c *Credentials) TLS() (*tls.Config, error) {
	certificate, err := tls.X509KeyPair(c.Server.Cert, c.Server.Key)
	if err != nil {
		return nil, fmt.Errorf("reading the server's certificate: %w", err)
	}
	clients := x509.NewCertPool()
	if !clients.AppendCertsFromPEM(c.CA.Cert) {
		return nil, fmt.Errorf("reading the CA's certificate: no certificate in it")
	}
	return &tls.Config{
		Certificates: []tls.Certificate{certificate},
		ClientAuth:   tls.RequestClientCert,
		ClientCAs:    clients,
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
	}, nil
}

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         KeyPair
}

func newCA() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "minik8s-ca"},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	if err := complete(template); err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	pair, err := encode(der, key)
	return &authority{certificate, key, pair}, err
}

func (ca *authority) sign(template *x509.Certificate) (KeyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return KeyPair{}, err
	}
	if err := complete(template); err != nil {
		return KeyPair{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.certificate, key.Public(), ca.key)
	if err != nil {
		return KeyPair{}, err
	}
	return encode(der, key)
}

// complete gives a certificate what all of them have.
func complete(template *x509.Certificate) error {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	template.SerialNumber = serial
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = template.NotBefore.Add(certificateLife)
	return nil
}

func encode(der []byte, key *ecdsa.PrivateKey) (KeyPair, error) {
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return KeyPair{}, err
	}
	return KeyPair{
		Cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:  pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}),
	}, nil
}
