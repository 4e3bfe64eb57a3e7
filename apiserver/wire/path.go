package wire

import (
	"encoding/json"
	"net/http"
	"sort"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/server/flagz"
	"k8s.io/apiserver/pkg/server/statusz"
)

// isBelowRoot is false for paths that upstream's parser takes for a resource's
// and upstream's router does not, such as //api/v1/pods.
func isBelowRoot(path string) bool {
	return (strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/apis/")) && !strings.HasPrefix(path, "/api//") && !strings.HasPrefix(path, "/apis//")
}

// servePath answers requests that are not about a resource.
func (s *server) servePath(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimRight(r.URL.Path, "/")
	switch {
	case strings.HasPrefix(r.URL.Path, "/apis//"):
		http.NotFound(w, r)
	case path == "" || path == "/index.html":
		s.servePathList(w, r)
	case path == "/version" || strings.HasPrefix(path, "/version/"):
		s.serveVersion(w, r, path)
	case path == "/api" || path == "/apis" || strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/apis/"):
		s.serveDiscovery(w, r, path)
	case path == issuerPath || path == keysPath:
		s.serveIssuer(w, r, path)
	case isProfilePath(path):
		serveProfile(w, r, path)
	default:
		s.serveExactPath(w, r)
	}
}

// serveExactPath answers where a slash at the end makes another path.
func (s *server) serveExactPath(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case path == "/openapi/v2" || path == "/openapi/v3" || strings.HasPrefix(path, "/openapi/v3/"):
		s.served.now().openapi.serve(w, r, path)
	case isHealthPath(path):
		s.serveHealth(w, r, path)
	case path == "/metrics":
		serveMetrics(s.metrics, w, r)
	case path == slisPath:
		serveMetrics(s.slis, w, r)
	case path == statusz.DefaultStatuszPath || path == flagz.DefaultFlagzPath:
		s.zPages().ServeHTTP(w, r)
	case isDebugFlagsPath(path):
		serveDebugFlags(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *server) serveVersion(w http.ResponseWriter, r *http.Request, path string) {
	if path != "/version" {
		writeError(w, r, errPageNotFound())
		return
	}
	if !onlyGet(w, r) {
		return
	}
	if err := routeAnswer(r, versionTypes); err != nil {
		writeError(w, r, err)
		return
	}
	writeRawJSON(w, http.StatusOK, s.Config.Version)
}

// onlyGet answers 405 to all other methods.
func onlyGet(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet {
		return true
	}
	writeError(w, r, errMethodNotAllowed())
	return false
}

func errMethodNotAllowed() error {
	return apierrors.NewGenericServerResponse(http.StatusMethodNotAllowed, "", schema.GroupResource{}, "", "405: Method Not Allowed", 0, false)
}

// errPageNotFound is for paths below a group version that is served.
func errPageNotFound() error {
	return apierrors.NewGenericServerResponse(http.StatusNotFound, "", schema.GroupResource{}, "", "404: Page Not Found", 0, false)
}

// servePathList answers what there is to ask.
func (s *server) servePathList(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" && r.URL.Path != "/index.html" {
		http.NotFound(w, r)
		return
	}
	writeRawJSON(w, http.StatusOK, map[string][]string{"paths": s.listedPaths()})
}

func (s *server) listedPaths() []string {
	paths := append(healthPaths(), "/metrics", slisPath, statusz.DefaultStatuszPath, flagz.DefaultFlagzPath,
		"/version", "/openapi/v2", "/openapi/v3", "/openapi/v3/", issuerPath, keysPath, "/api", "/apis", "/apis/")
	for _, g := range s.served.now().endpoints.groups {
		if g.name != "" {
			paths = append(paths, "/apis/"+g.name)
		}
		for _, v := range g.versions {
			paths = append(paths, rootOf(v.GroupVersion))
		}
	}
	sort.Strings(paths)
	return paths
}

// rootOf is the path below which a group version is served.
func rootOf(gv schema.GroupVersion) string {
	if gv.Group == "" {
		return "/api/" + gv.Version
	}
	return "/apis/" + gv.Group + "/" + gv.Version
}

// writeRawJSON writes what is not an API object.
func writeRawJSON(w http.ResponseWriter, code int, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	w.Write(body)
}
