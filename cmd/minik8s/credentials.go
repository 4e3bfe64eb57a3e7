package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

// credentials are what a cluster and its administrator know each other by.
// Every start makes new ones; the authority's key never leaves the process.
type credentials struct {
	authority *x509.Certificate
	key       *ecdsa.PrivateKey

	// CA, ClientCert and ClientKey are PEM, for a kubeconfig.
	CA, ClientCert, ClientKey []byte
	// TLS is for the server: it asks for a client's certificate but leaves
	// the refusal of those who have none to the API.
	TLS *tls.Config
}

// validity is how long a cluster's certificates last.
const validity = 10 * 365 * 24 * time.Hour

func newCredentials(now time.Time) (*credentials, error) {
	c := &credentials{}
	authority := certificate(now, pkix.Name{CommonName: "minik8s-ca"})
	authority.IsCA, authority.BasicConstraintsValid = true, true
	authority.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	var err error
	if c.CA, _, err = c.sign(authority); err != nil {
		return nil, err
	}

	server := certificate(now, pkix.Name{CommonName: "kube-apiserver"})
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	server.DNSNames = []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"}
	server.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback, net.IPv4(10, 96, 0, 1)}
	serverCert, serverKey, err := c.sign(server)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(serverCert, serverKey)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(c.authority)
	c.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.VerifyClientCertIfGiven, MinVersion: tls.VersionTLS12}

	client := certificate(now, pkix.Name{CommonName: "minik8s-admin", Organization: []string{"system:masters"}})
	client.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	c.ClientCert, c.ClientKey, err = c.sign(client)
	return c, err
}

func certificate(now time.Time, subject pkix.Name) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes([]byte(rand.Text())),
		Subject:      subject,
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(validity),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}

// sign makes a key for a certificate and has the authority sign it; the first
// certificate becomes the authority. It returns both as PEM.
func (c *credentials) sign(template *x509.Certificate) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	if c.authority == nil {
		c.authority, c.key = template, private
	}
	der, err := x509.CreateCertificate(rand.Reader, template, c.authority, private.Public(), c.key)
	if err != nil {
		return nil, nil, err
	}
	if template == c.authority {
		if c.authority, err = x509.ParseCertificate(der); err != nil {
			return nil, nil, err
		}
	}
	keyDER, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	cert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	key = pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})
	return cert, key, nil
}
