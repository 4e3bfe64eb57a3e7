package control

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/minik8s/minik8s"
)

// Process is what a server knows of itself.
type Process struct {
	Name string // the cluster's
	PID  int
	// Clients are who signs the certificates of those who may use the simulator's
	// API over TLS.
	Clients *x509.CertPool
	// Stop ends the process; nil if it cannot be asked to.
	Stop func()
}

// server answers for one cluster.
type server struct {
	cluster *minik8s.Cluster
	live    *minik8s.Live
	process Process
}

// Mount serves the simulator's API beside next, which has all other paths.
func Mount(next http.Handler, cluster *minik8s.Cluster, live *minik8s.Live, process Process) http.Handler {
	s := &server{cluster, live, process}
	mux := http.NewServeMux()
	answer(mux, "GET state", s.state)
	answer(mux, "POST pause", s.pause)
	answer(mux, "POST resume", s.resume)
	answer(mux, "POST speed", s.speed)
	answer(mux, "POST step", s.step)
	answer(mux, "POST tick", s.tick)
	answer(mux, "POST settle", s.settle)
	answer(mux, "POST advance", s.advance)
	answer(mux, "GET work", s.work)
	answer(mux, "GET why", s.why)
	answer(mux, "GET why-scheduled", s.whyScheduled)
	answer(mux, "GET history", s.history)
	answer(mux, "GET proxy-rules", s.proxyRules)
	answer(mux, "POST stop", s.stop)
	mux.HandleFunc("GET "+Prefix+"trace", s.trace)
	mux.HandleFunc(Prefix, func(w http.ResponseWriter, r *http.Request) {
		writeError(w, refuse(http.StatusNotFound, "the simulator has no %s %s", r.Method, r.URL.Path))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, Prefix) {
			next.ServeHTTP(w, r)
			return
		}
		if refusal := process.refuses(r); refusal != nil {
			writeError(w, refusal)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// refuses asks for a certificate of the cluster's administrator: the cluster
// signs certificates for others too, and what they may do ends with the cluster.
func (p *Process) refuses(r *http.Request) *Error {
	if r.TLS == nil {
		return nil
	}
	if len(r.TLS.PeerCertificates) == 0 {
		return refuse(http.StatusUnauthorized, "the simulator's API wants a client certificate of this cluster")
	}
	certificate := r.TLS.PeerCertificates[0]
	if _, err := certificate.Verify(x509.VerifyOptions{Roots: p.Clients, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil || p.Clients == nil {
		return refuse(http.StatusUnauthorized, "the simulator's API wants a client certificate of this cluster")
	}
	if !slices.Contains(certificate.Subject.Organization, user.SystemPrivilegedGroup) {
		return refuse(http.StatusForbidden, "the simulator's API is for the group %s, which %q is not in", user.SystemPrivilegedGroup, certificate.Subject.CommonName)
	}
	return nil
}

// answer mounts a function from a request to what is sent back as JSON.
func answer[T any](mux *http.ServeMux, pattern string, f func(*http.Request) (T, error)) {
	method, path, _ := strings.Cut(pattern, " ")
	mux.HandleFunc(method+" "+Prefix+path, func(w http.ResponseWriter, r *http.Request) {
		v, err := f(r)
		if err != nil {
			writeError(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v) // the client has gone, if it fails
	})
}

func writeError(w http.ResponseWriter, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Status: http.StatusUnprocessableEntity, Message: err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(e.Status)
	_ = json.NewEncoder(w).Encode(e)
}

func refuse(status int, format string, args ...any) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(format, args...)}
}

// body decodes what a POST has sent.
func body[T any](r *http.Request) (T, error) {
	var v T
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		return v, refuse(http.StatusBadRequest, "reading the request: %v", err)
	}
	return v, nil
}
