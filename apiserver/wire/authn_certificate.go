package wire

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/asn1"
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/auth"
)

type clientCAsKey struct{}

// withClientCAs says whose client certificates are good on the connections of a
// server.
func withClientCAs(ctx context.Context, clients *x509.CertPool) context.Context {
	return context.WithValue(ctx, clientCAsKey{}, clients)
}

// certificates remembers whom client certificates stand for. All requests of a
// connection have the same one, and to verify it takes as long as to serve a
// request.
type certificates struct {
	mu    sync.RWMutex
	known map[*x509.Certificate]holder
}

// holder is whom a certificate stands for. It is refused if it is not good, and
// stands for nobody if there is no name in it.
type holder struct {
	user           apiserver.User
	known, refused bool
	// from and until are when it is good.
	from, until time.Time
}

// isAt says whether the certificate of a holder that was found is good at a
// time.
func (h *holder) isAt(now time.Time) bool { return !now.Before(h.from) && !now.After(h.until) }

// maxCertificates bounds what is remembered.
const maxCertificates = 1024

// holder finds out who has sent the client certificate of a request, if there is
// one. Whether the certificate is good is a question of the virtual time, by
// which it was issued; what is not good now is looked at again the next time.
//
// Upstream: k8s.io/apiserver/pkg/authentication/request/x509 (Authenticator, CommonNameUserConversion), where a certificate is verified again for each request.
func (c *certificates) holder(r *http.Request, clock func() time.Time) holder {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return holder{}
	}
	certificate, now := r.TLS.PeerCertificates[0], clock()
	c.mu.RLock()
	h, ok := c.known[certificate]
	c.mu.RUnlock()
	if ok && h.isAt(now) {
		return h
	}
	clients, _ := r.Context().Value(clientCAsKey{}).(*x509.CertPool)
	if h = verify(r.TLS.PeerCertificates, clients, now); !h.known {
		return h
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil || len(c.known) >= maxCertificates {
		c.known = map[*x509.Certificate]holder{}
	}
	c.known[certificate] = h
	return h
}

// verify finds the holder of the first certificate, which one of the CAs must
// have signed for a client, perhaps through the others.
func verify(sent []*x509.Certificate, clients *x509.CertPool, now time.Time) holder {
	if clients == nil {
		return holder{}
	}
	between := x509.NewCertPool()
	for _, certificate := range sent[1:] {
		between.AddCert(certificate)
	}
	certificate := sent[0]
	chains, err := certificate.Verify(x509.VerifyOptions{
		Roots: clients, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	uid, readable := uidOf(certificate)
	switch {
	case err != nil:
		return holder{refused: true}
	case certificate.Subject.CommonName == "":
		return holder{}
	case !readable:
		return holder{refused: true}
	}
	print := sha256.Sum256(certificate.Raw)
	h := holder{known: true, from: certificate.NotBefore, until: certificate.NotAfter}
	for _, link := range chains[0] {
		if link.NotBefore.After(h.from) {
			h.from = link.NotBefore
		}
		if link.NotAfter.Before(h.until) {
			h.until = link.NotAfter
		}
	}
	h.user = auth.Authenticated(apiserver.User{
		Name: certificate.Subject.CommonName, UID: uid, Groups: certificate.Subject.Organization,
		Extra: map[string][]string{user.CredentialIDKey: {"X509SHA256=" + hex.EncodeToString(print[:])}},
	})
	return h
}

// uidOf is the UID that a certificate gives its user, which need not be there.
// Two, or one that is no text, cannot be read.
func uidOf(certificate *x509.Certificate) (uid string, readable bool) {
	found := false
	for _, name := range certificate.Subject.Names {
		if !name.Type.Equal(asn1.X509UID()) {
			continue
		}
		text, ok := name.Value.(string)
		if !ok || text == "" || found {
			return "", false
		}
		uid, found = text, true
	}
	return uid, true
}
