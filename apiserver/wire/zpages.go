package wire

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"

	"k8s.io/apiserver/pkg/server/flagz"
	"k8s.io/apiserver/pkg/server/statusz"
	"k8s.io/component-base/compatibility"

	"github.com/minik8s/minik8s/apiserver/satoken"
)

// newZPages serves what a component says of itself to people: /statusz and
// /flagz, which are upstream's own.
func (s *server) newZPages() http.Handler {
	pages := http.NewServeMux()
	release, _, _ := strings.Cut(strings.TrimPrefix(s.Version.GitVersion, "v"), "+")
	version := compatibility.NewEffectiveVersionFromString(release, "", "")
	statusz.Install(pages, componentLabel, statusz.NewRegistry(version, statusz.WithListedPaths(s.listedPaths())))
	flagz.Install(pages, componentLabel, serverFlags{s})
	return pages
}

// serverFlags are kube-apiserver's flags that would make it what it is here.
//
// Upstream: cmd/kube-apiserver/app/options (ServerRunOptions), without the flags that nothing here goes by.
type serverFlags struct{ *server }

// GetFlagz returns the flags as upstream prints them.
func (f serverFlags) GetFlagz() map[string]string {
	of := f.Server.Config
	flags := map[string]string{
		"allow-privileged":          "true",
		"authorization-mode":        "[Node,RBAC]",
		"disable-admission-plugins": listFlag(of.WithoutAdmission),
		"service-account-issuer":    listFlag([]string{satoken.Issuer}),
		"service-cluster-ip-range":  rangesFlag(of.ServiceCIDRs),
		"service-node-port-range":   fmt.Sprintf("%d-%d", of.FirstNodePort, of.LastNodePort),
	}
	if of.Authorizer != nil {
		flags["authorization-mode"] = "[AlwaysAllow]"
	}
	return flags
}

func listFlag(items []string) string { return "[" + strings.Join(items, ",") + "]" }

func rangesFlag(ranges []netip.Prefix) string {
	var texts []string
	for _, r := range ranges {
		texts = append(texts, r.String())
	}
	return strings.Join(texts, ",")
}
