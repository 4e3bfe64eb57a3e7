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

	"github.com/minik8s/minik8s/apiserver/authority"
)

// KeyPair is a certificate and its private key, PEM-encoded.
type KeyPair struct {
	Cert, Key []byte
}

// Credentials are what a cluster and its first user prove who they are with.
type Credentials struct {
	// CA is the authority's certificate, PEM-encoded.
	CA     []byte
	Server KeyPair
	// Admin is a client certificate.
	Admin KeyPair

	clients *x509.CertPool
}

// serverLife is how long the server's certificate is valid, from an hour ago on
// in case of a clock that is set back.
const serverLife = 10 * 365 * 24 * time.Hour

// serverNames are what clients may call the API server: on this machine, and
// inside the cluster.
var serverNames = []string{
	"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
}

// NewAuthority makes an authority whose key comes from the machine's own
// randomness, and which is therefore no part of the deterministic world.
func NewAuthority() (*authority.Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the cluster's CA: %w", err)
	}
	return authority.New(key)
}

// NewCredentials has an authority sign certificates for the server on loopback
// and for its administrator, whose is valid at any virtual time. addresses are
// further ones that the server is reached at.
func NewCredentials(ca *authority.Authority, admin pkix.Name, addresses ...net.IP) (*Credentials, error) {
	now := time.Now()
	server, err := issue(ca, &x509.Certificate{
		Subject:     pkix.Name{CommonName: "kube-apiserver"},
		DNSNames:    serverNames,
		IPAddresses: append([]net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, addresses...),
		NotBefore:   now.Add(-time.Hour),
		NotAfter:    now.Add(serverLife),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil {
		return nil, fmt.Errorf("making the server's certificate: %w", err)
	}
	client, err := issue(ca, &x509.Certificate{Subject: admin, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return nil, fmt.Errorf("making the administrator's certificate: %w", err)
	}
	return &Credentials{CA: ca.PEM(), Server: server, Admin: client, clients: ca.Pool()}, nil
}

// TLS is the server's side of a connection: a client certificate is asked
// for, but a client may do without. Whether it is good is for the handler to say,
// since a client with a bad one may have a token.
func (c *Credentials) TLS() (*tls.Config, error) {
	certificate, err := tls.X509KeyPair(c.Server.Cert, c.Server.Key)
	if err != nil {
		return nil, fmt.Errorf("reading the server's certificate: %w", err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{certificate},
		ClientAuth:   tls.RequestClientCert,
		ClientCAs:    c.clients,
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
	}, nil
}

// issue makes a key, and has its certificate signed.
func issue(ca *authority.Authority, template *x509.Certificate) (KeyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return KeyPair{}, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return KeyPair{}, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	signed, err := ca.Issue(template, key.Public())
	if err != nil {
		return KeyPair{}, err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return KeyPair{}, err
	}
	return KeyPair{Cert: signed, Key: pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})}, nil
}
