package wire

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// healthChecks are what is checked at each path. All of them pass: a handler
// that can answer has its store, and everything else of it, in the same
// process.
//
// Upstream: k8s.io/apiserver/pkg/server/healthz, without the checks that begin with poststarthook and autoregister.
var healthChecks = map[string][]string{
	"healthz": {"ping", "log", "loopback-serving-certificate", "etcd"},
	"livez":   {"ping", "log", "loopback-serving-certificate", "etcd"},
	"readyz":  {"ping", "log", "etcd", "etcd-readiness", "informer-sync", "shutdown"},
}

// isHealthPath recognises /livez and /livez/ping.
func isHealthPath(path string) bool {
	name, check, one := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	checks, ok := healthChecks[name]
	return ok && (!one || slices.Contains(checks, check))
}

func healthPaths() []string {
	var paths []string
	for _, name := range []string{"healthz", "livez", "readyz"} {
		paths = append(paths, "/"+name)
		for _, check := range healthChecks[name] {
			paths = append(paths, "/"+name+"/"+check)
		}
	}
	return paths
}

// serveHealth answers that all is well.
func serveHealth(w http.ResponseWriter, r *http.Request, path string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	name := strings.TrimPrefix(path, "/")
	query := r.URL.Query()
	if _, verbose := query["verbose"]; !verbose || strings.Contains(name, "/") {
		fmt.Fprint(w, "ok")
		return
	}
	w.Write(verboseHealth(name, query["exclude"]))
}

// verboseHealth says of each check how it went, or that it was left out.
func verboseHealth(name string, exclude []string) []byte {
	var text bytes.Buffer
	for _, check := range healthChecks[name] {
		if slices.Contains(exclude, check) {
			fmt.Fprintf(&text, "[+]%s excluded: ok\n", check)
			continue
		}
		fmt.Fprintf(&text, "[+]%s ok\n", check)
	}
	var unknown []string
	for _, check := range exclude {
		if !slices.Contains(healthChecks[name], check) {
			unknown = append(unknown, fmt.Sprintf("%q", check))
		}
	}
	if slices.Sort(unknown); len(unknown) > 0 {
		fmt.Fprintf(&text, "warn: some health checks cannot be excluded: no matches for %s\n", strings.Join(slices.Compact(unknown), ","))
	}
	fmt.Fprintf(&text, "%s check passed\n", name)
	return text.Bytes()
}
