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
var healthChecks = map[string][]string{
	"healthz": slices.Concat([]string{"ping", "log", "loopback-serving-certificate", "etcd"}, startHooks),
	"livez":   slices.Concat([]string{"ping", "log", "loopback-serving-certificate", "etcd"}, startHooks),
	"readyz":  slices.Concat([]string{"ping", "log", "etcd", "etcd-readiness", "informer-sync"}, startHooks, []string{"shutdown"}),
}

// startHooks are the checks that what an API server does when it starts has
// been done. Here that was before the first request: a new world has its
// namespaces, roles, priority classes and services.
//
// Upstream: k8s.io/apiserver/pkg/server (AddPostStartHook), those of kube-apiserver with its default options and a certificate for the servers that it hands requests on to.
var startHooks = []string{
	"poststarthook/start-apiserver-admission-initializer",
	"poststarthook/generic-apiserver-start-informers",
	"poststarthook/priority-and-fairness-config-consumer",
	"poststarthook/priority-and-fairness-filter",
	"poststarthook/storage-object-count-tracker-hook",
	"poststarthook/start-apiextensions-informers",
	"poststarthook/start-apiextensions-controllers",
	"poststarthook/crd-informer-synced",
	"poststarthook/start-system-namespaces-controller",
	"poststarthook/peer-endpoint-reconciler-controller",
	"poststarthook/start-cluster-authentication-info-controller",
	"poststarthook/start-kube-apiserver-identity-lease-controller",
	"poststarthook/start-kube-apiserver-identity-lease-garbage-collector",
	"poststarthook/storage-readiness",
	"poststarthook/start-legacy-token-tracking-controller",
	"poststarthook/start-service-ip-repair-controllers",
	"poststarthook/rbac/bootstrap-roles",
	"poststarthook/scheduling/bootstrap-system-priority-classes",
	"poststarthook/priority-and-fairness-config-producer",
	"poststarthook/bootstrap-controller",
	"poststarthook/start-kubernetes-service-cidr-controller",
	"poststarthook/aggregator-reload-proxy-client-cert",
	"poststarthook/start-kube-aggregator-informers",
	"poststarthook/apiservice-status-local-available-controller",
	"poststarthook/apiservice-status-remote-available-controller",
	"poststarthook/apiservice-registration-controller",
	"poststarthook/apiservice-discovery-controller",
	"poststarthook/kube-apiserver-autoregistration",
	"autoregister-completion",
	"poststarthook/apiservice-openapi-controller",
	"poststarthook/apiservice-openapiv3-controller",
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
func (s *server) serveHealth(w http.ResponseWriter, r *http.Request, path string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	name := strings.TrimPrefix(path, "/")
	if !strings.Contains(name, "/") {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		s.slis.passed(name)
	}
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
