package wire

import (
	"encoding/json"
	"net/http"

	"github.com/minik8s/minik8s/apiserver/satoken"
)

// Where others find out how to check the tokens of service accounts.
const (
	issuerPath = "/.well-known/openid-configuration"
	keysPath   = "/openid/v1/jwks"
)

// serveIssuer describes the issuer of tokens as OpenID Connect wants it.
//
// Upstream: pkg/routes (OpenIDMetadataServer), complete.
func (s *server) serveIssuer(w http.ResponseWriter, r *http.Request, path string) {
	if !onlyGet(w, r) {
		return
	}
	produced := "application/json"
	if path == keysPath {
		produced = "application/jwk-set+json"
	}
	if err := routeAnswer(r, []string{produced}); err != nil {
		writeError(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=3600")
	if path == keysPath {
		w.Header().Set("Content-Type", produced)
		w.Write(s.Server.TokenKeys())
		return
	}
	body, err := json.Marshal(struct {
		Issuer        string   `json:"issuer"`
		JWKS          string   `json:"jwks_uri"`
		ResponseTypes []string `json:"response_types_supported"`
		SubjectTypes  []string `json:"subject_types_supported"`
		Algorithms    []string `json:"id_token_signing_alg_values_supported"`
	}{satoken.Issuer, satoken.Issuer + keysPath, []string{"id_token"}, []string{"public"}, []string{"ES256"}})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", produced)
	w.Write(body)
}
