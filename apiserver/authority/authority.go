package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"
)

// Authority signs certificates. It is safe for concurrent use.
type Authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

// An authority is valid at any time that a virtual clock may come to.
var (
	validFrom = time.Date(1970, time.January, 1, 0, 0, 0, 0, time.UTC)
	// RFC 5280, 4.1.2.5: without a well-defined end.
	validUntil = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)
)

// New makes the authority of a key: its certificate is signed by itself.
func New(key *ecdsa.PrivateKey) (*Authority, error) {
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, fmt.Errorf("making a certificate authority: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:          serial(public),
		Subject:               pkix.Name{CommonName: "minik8s-ca"},
		NotBefore:             validFrom,
		NotAfter:              validUntil,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageCertSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	a := &Authority{certificate: template, key: key}
	if a.pem, err = a.Issue(template, key.Public()); err != nil {
		return nil, fmt.Errorf("making a certificate authority: %w", err)
	}
	block, _ := pem.Decode(a.pem)
	a.certificate, err = x509.ParseCertificate(block.Bytes)
	return a, err
}

// FromSeed computes the authority of a world with a seed. Whoever knows the seed
// can sign in its name: a simulated cluster has nothing to protect.
func FromSeed(seed int64) *Authority {
	for n := 0; ; n++ {
		scalar := sha256.Sum256(fmt.Appendf(nil, "certificate authority key %d of seed %d", n, seed))
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar[:])
		if err != nil {
			continue // one in 2^32 is not below the order of the curve
		}
		a, err := New(key)
		if err != nil {
			panic(err) // a key of a known curve
		}
		return a
	}
}

// PEM is the authority's certificate.
func (a *Authority) PEM() []byte { return a.pem }

// Pool has the authority's certificate in it, and no other.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// Issue signs a certificate for a public key, and returns it as PEM. The
// template says everything but the issuer; if it says no end, the certificate is
// valid as long as the authority.
func (a *Authority) Issue(template *x509.Certificate, public any) ([]byte, error) {
	if template.NotAfter.IsZero() {
		forever := *template
		forever.NotBefore, forever.NotAfter = validFrom, validUntil
		template = &forever
	}
	der, err := x509.CreateCertificate(nil, template, a.certificate, public, a.key) // nil: signed as RFC 6979 has it
	if err != nil {
		return nil, fmt.Errorf("signing a certificate: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// serial computes a serial number. It is positive and has at most 20 bytes, as
// RFC 5280 wants it.
func serial(of []byte) *big.Int {
	sum := sha256.Sum256(of)
	number := new(big.Int).SetBytes(sum[:16])
	return number.SetBit(number, 0, 1) // never zero
}
