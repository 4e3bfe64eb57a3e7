package wire

import (
	"net/http"
	"strings"

	"k8s.io/apiserver/pkg/endpoints/request"
)

// program is the name of a client's program: "kubectl/v1.37.2 (linux/amd64)"
// is "kubectl".
func program(userAgent string) string {
	name, _, _ := strings.Cut(userAgent, "/")
	name, _, _ = strings.Cut(name, " ")
	return name
}

// command says in a few words what was asked, for the trace: "kubectl apply:
// patch deployments default/web". kubectl tells its subcommand in a header.
func command(r *http.Request, info *request.RequestInfo) string {
	who := r.Header.Get("Kubectl-Command")
	if who == "" {
		who = program(r.UserAgent())
	}
	if who == "" {
		who = "request"
	}
	resource := info.Resource
	if info.Subresource != "" {
		resource += "/" + info.Subresource
	}
	text := printable(who) + ": " + info.Verb + " " + resource
	switch object := objectName(info); {
	case object != "":
		return text + " " + object
	case info.Namespace != "":
		return text + " in " + info.Namespace
	}
	return text
}

// objectName is "namespace/name", or "name" for what has no namespace.
func objectName(info *request.RequestInfo) string {
	if len(info.Parts) < 2 {
		return ""
	}
	if info.Namespace == "" || info.Resource == "namespaces" {
		return info.Parts[1]
	}
	return info.Namespace + "/" + info.Parts[1]
}

// printable keeps a header that a client made up from breaking the lines of a
// trace.
func printable(s string) string {
	if len(s) > 64 {
		s = s[:64]
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
