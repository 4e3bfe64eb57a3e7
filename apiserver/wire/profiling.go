package wire

import (
	"net/http"
	"net/http/pprof"
	"strings"
)

func isProfilePath(path string) bool {
	return path == "/debug/pprof" || strings.HasPrefix(path, "/debug/pprof/")
}

// serveProfile tells where the process spends time and memory, for go tool
// pprof.
//
// Upstream: k8s.io/apiserver/pkg/server/routes (Profiling), without the block profile that it switches on.
func serveProfile(w http.ResponseWriter, r *http.Request, path string) {
	switch strings.TrimPrefix(path, "/debug/pprof") {
	case "":
		if r.URL.Path == path {
			http.Redirect(w, r, "/debug/pprof/", http.StatusFound)
			return
		}
		pprof.Index(w, r)
	case "/profile":
		pprof.Profile(w, r)
	case "/symbol":
		pprof.Symbol(w, r)
	case "/trace":
		pprof.Trace(w, r)
	default:
		pprof.Index(w, r)
	}
}
