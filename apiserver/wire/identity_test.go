package wire_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/asn1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/authority"
	"github.com/minik8s/minik8s/apiserver/wire"
)

// server is a world behind TLS on loopback, and how its administrator gets
// there.
func server(t testing.TB) (*world, *rest.Config) { return serverOf(t, newAuthority(t)) }

func serverOf(t testing.TB, ca *authority.Authority) (*world, *rest.Config) {
	w := newWorld(t)
	credentials := newCredentials(t, ca)
	config, err := credentials.TLS()
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- wire.Serve(ctx, listener, w.handler, config) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-served)
	})
	return w, &rest.Config{Host: "https://" + listener.Addr().String(), TLSClientConfig: rest.TLSClientConfig{
		CAData: credentials.CA, CertData: credentials.Admin.Cert, KeyData: credentials.Admin.Key,
	}}
}

func newAuthority(t testing.TB) *authority.Authority {
	ca, err := wire.NewAuthority()
	require.NoError(t, err)
	return ca
}

func newCredentials(t testing.TB, ca *authority.Authority) *wire.Credentials {
	credentials, err := wire.NewCredentials(ca, pkix.Name{CommonName: "kubernetes-admin", Organization: []string{"kubeadm:cluster-admins"}})
	require.NoError(t, err)
	return credentials
}

func TestClientCertificate(t *testing.T) {
	w, config := server(t)
	client, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	_, err = client.CoreV1().ConfigMaps("default").Create(t.Context(), configMap("a"), metav1.CreateOptions{})
	require.NoError(t, err)
	block, _ := pem.Decode(config.CertData)
	require.Equal(t, apiserver.User{
		Name: "kubernetes-admin", Groups: []string{"kubeadm:cluster-admins", "system:authenticated"},
		Extra: map[string][]string{"authentication.kubernetes.io/credential-id": {fmt.Sprintf("X509SHA256=%x", sha256.Sum256(block.Bytes))}},
	}, w.lastRequest().User)

	watch, err := client.CoreV1().ConfigMaps("default").Watch(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.EqualValues(t, "ADDED", (<-watch.ResultChan()).Type)
	watch.Stop()
}

func TestWhoMayAsk(t *testing.T) {
	_, config := server(t)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(config.CAData))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	for _, test := range []struct {
		path, token string
		code        int
		message     string
	}{
		{path: "/readyz", code: 200},
		{path: "/version", code: 200},
		{path: "/apis", token: "secret", code: 200},
		{path: "/apis", code: 403, message: `forbidden: User "system:anonymous" cannot get path "/apis"`},
		{path: "/openapi/v3", code: 403, message: `forbidden: User "system:anonymous" cannot get path "/openapi/v3"`},
		{path: "/api/v1/pods", token: "secret", code: 200},
		{path: "/api/v1/pods", token: "wrong", code: 401, message: "Unauthorized"},
		{path: "/api/v1/pods", code: 403, message: `pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope`},
		{path: "/apis/apps/v1/namespaces/n/deployments/d/status", code: 403, message: `deployments.apps "d" is forbidden: User "system:anonymous" cannot get resource "deployments/status" in API group "apps" in the namespace "n"`},
		{path: "/", code: 403, message: `forbidden: User "system:anonymous" cannot get path "/"`},
		{path: "/apisfoo", code: 403, message: `forbidden: User "system:anonymous" cannot get path "/apisfoo"`},
	} {
		r, err := http.NewRequest("GET", config.Host+test.path, nil)
		require.NoError(t, err)
		if test.token != "" {
			r.Header.Set("Authorization", "Bearer "+test.token)
		}
		res, err := client.Do(r)
		require.NoError(t, err)
		data, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, test.code, res.StatusCode, test.path)
		require.Equal(t, 2, res.ProtoMajor, "HTTP/2")
		require.NotEmpty(t, res.Header.Get("Audit-Id"))
		if test.message != "" {
			require.Equal(t, test.message, parse(t, string(data))["message"])
		}
	}
}

// A certificate that another CA has signed is no certificate.
func TestForeignCertificate(t *testing.T) {
	_, config := server(t)
	foreign := newCredentials(t, newAuthority(t))
	config.CertData, config.KeyData = foreign.Admin.Cert, foreign.Admin.Key
	client, err := kubernetes.NewForConfig(config)
	require.NoError(t, err)
	_, err = client.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{})
	require.EqualError(t, err, "Unauthorized")

	config.BearerToken = "secret"
	client, err = kubernetes.NewForConfig(config)
	require.NoError(t, err)
	_, err = client.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err, "the token is good all the same")
}

// Whom a client certificate stands for, and when: by the world's clock.
func TestWhoseCertificate(t *testing.T) {
	ca := newAuthority(t)
	w, config := serverOf(t, ca)
	const refused, nobody = "Unauthorized", `pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope`
	forbidden := func(name string) string {
		return fmt.Sprintf("pods is forbidden: User %q cannot list resource \"pods\" in API group \"\" at the cluster scope", name)
	}
	uid := pkix.AttributeTypeAndValue{Type: asn1.X509UID(), Value: "u-1"}
	day := func(n int) time.Time { return w.clock().AddDate(0, 0, n) }
	for name, test := range map[string]struct {
		template        x509.Certificate
		now, afterwards string
	}{
		"somebody":    {x509.Certificate{Subject: pkix.Name{CommonName: "jane"}}, forbidden("jane"), forbidden("jane")},
		"for a day":   {x509.Certificate{Subject: pkix.Name{CommonName: "jane"}, NotBefore: day(-1), NotAfter: day(1)}, forbidden("jane"), refused},
		"from then":   {x509.Certificate{Subject: pkix.Name{CommonName: "jane"}, NotBefore: day(1), NotAfter: day(9)}, refused, forbidden("jane")},
		"nobody":      {x509.Certificate{Subject: pkix.Name{Organization: []string{"system:masters"}}}, nobody, nobody},
		"a uid":       {x509.Certificate{Subject: pkix.Name{CommonName: "jane", ExtraNames: []pkix.AttributeTypeAndValue{uid}}}, forbidden("jane"), forbidden("jane")},
		"two uids":    {x509.Certificate{Subject: pkix.Name{CommonName: "jane", ExtraNames: []pkix.AttributeTypeAndValue{uid, uid}}}, refused, refused},
		"of a server": {x509.Certificate{Subject: pkix.Name{CommonName: "jane"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, refused, refused},
	} {
		t.Run(name, func(t *testing.T) {
			const later = 48 * time.Hour
			defer w.advance(-later)
			test.template.SerialNumber = big.NewInt(1)
			if test.template.ExtKeyUsage == nil {
				test.template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
			}
			key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			require.NoError(t, err)
			certificate, err := ca.Issue(&test.template, key.Public())
			require.NoError(t, err)
			private, err := x509.MarshalECPrivateKey(key)
			require.NoError(t, err)
			as := rest.CopyConfig(config)
			as.CertData, as.KeyData = certificate, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})
			client, err := kubernetes.NewForConfig(as)
			require.NoError(t, err)
			list := func() error {
				_, err := client.CoreV1().Pods("").List(t.Context(), metav1.ListOptions{})
				return err
			}
			require.EqualError(t, list(), test.now)
			require.EqualError(t, list(), test.now, "by what is remembered")
			w.advance(later)
			require.EqualError(t, list(), test.afterwards)
		})
	}
}

// Where everybody may do everything, there is nobody in particular.
func TestWithoutAnonymous(t *testing.T) {
	w := newWorld(t, func(c *wire.Config) { c.Server.WithoutAnonymous = true })
	for token, code := range map[string]int{"": 401, "secret": 200} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/healthz", nil)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		answer := httptest.NewRecorder()
		w.handler.ServeHTTP(answer, r)
		require.Equal(t, code, answer.Code)
	}
}

// Who is not known has a connection of HTTP/2 for one request only.
func TestUnknownConnectionsEnd(t *testing.T) {
	_, config := server(t)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(config.CAData))
	for token, known := range map[string]bool{"": false, "wrong": false, "secret": true} {
		var connections atomic.Int32
		client := &http.Client{Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true,
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				connections.Add(1)
				return new(net.Dialer).DialContext(ctx, network, address)
			},
		}}
		for range 3 {
			r, err := http.NewRequestWithContext(t.Context(), "GET", config.Host+"/version", nil)
			require.NoError(t, err)
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			res, err := client.Do(r)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, res.Body)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
		}
		require.Equal(t, known, connections.Load() == 1, "%d connections with token %q", connections.Load(), token)
		client.CloseIdleConnections()
	}
}
