package main

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/apiserver"
)

// apiServerOptions are flags of "up" that kube-apiserver has too, under the
// same names.
type apiServerOptions struct {
	Audit            string   `json:"audit,omitempty"`  // an absolute path; empty: no audit log
	Tokens           string   `json:"tokens,omitempty"` // likewise, of static tokens
	AuthorizationBy  []string `json:"authorizationBy,omitempty"`
	WithoutAdmission []string `json:"withoutAdmission,omitempty"`
	ServiceCIDRs     []string `json:"serviceCIDRs,omitempty"`
}

// The authorisation modes. Node and RBAC come as a pair: the simulator's own
// components need both.
const (
	modeNode        = "Node"
	modeRBAC        = "RBAC"
	modeAlwaysAllow = "AlwaysAllow"
)

// apiServerFlags are the names of the flags.
var apiServerFlags = []string{"audit-log", "token-auth-file", "authorization-mode", "disable-admission-plugins", "service-cluster-ip-range"}

func (o *apiServerOptions) addTo(flags *pflag.FlagSet) {
	flags.StringVar(&o.Audit, "audit-log", "", "File that an audit event is appended to, as a line of JSON, for each stage of each request.")
	flags.StringVar(&o.Tokens, "token-auth-file", "", "File of static bearer tokens: lines of token,user,uid,\"group1,group2\".")
	flags.StringSliceVar(&o.AuthorizationBy, "authorization-mode", []string{modeNode, modeRBAC}, "Who decides what a user may do: Node,RBAC, or AlwaysAllow, with which everyone may do everything.")
	flags.StringSliceVar(&o.WithoutAdmission, "disable-admission-plugins", nil, "Admission plugins to do without, such as ServiceAccount.")
	flags.StringSliceVar(&o.ServiceCIDRs, "service-cluster-ip-range", []string{"10.43.0.0/16"}, "Where the cluster IPs of Services come from: a range, or one of IPv4 and one of IPv6, the default family first.")
}

func (o *apiServerOptions) alwaysAllow() bool {
	return slices.Contains(o.AuthorizationBy, modeAlwaysAllow)
}

// setIn hands on all but the files.
func (o *apiServerOptions) setIn(options *minik8s.Options) (err error) {
	options.AlwaysAllow, options.WithoutAdmission = o.alwaysAllow(), o.WithoutAdmission
	options.ServiceCIDRs, err = parseRanges(o.ServiceCIDRs)
	return err
}

func parseRanges(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		r, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("--service-cluster-ip-range wants a range such as 10.96.0.0/16, not %q", text)
		}
		all = append(all, r.Masked())
	}
	return all, nil
}

func (o *apiServerOptions) check() error {
	for _, mode := range o.AuthorizationBy {
		if mode != modeNode && mode != modeRBAC && mode != modeAlwaysAllow {
			return fmt.Errorf("--authorization-mode wants Node,RBAC or AlwaysAllow, not %q", mode)
		}
	}
	if !o.alwaysAllow() && !(slices.Contains(o.AuthorizationBy, modeNode) && slices.Contains(o.AuthorizationBy, modeRBAC)) {
		return fmt.Errorf("--authorization-mode wants both Node and RBAC, or AlwaysAllow, not %q", strings.Join(o.AuthorizationBy, ","))
	}
	known := apiserver.AdmissionPlugins()
	for _, name := range o.WithoutAdmission {
		if !slices.Contains(known, name) {
			return fmt.Errorf("--disable-admission-plugins wants names of %s, not %q", strings.Join(known, ", "), name)
		}
	}
	if _, err := parseRanges(o.ServiceCIDRs); err != nil {
		return err
	}
	_, err := readTokens(o.Tokens)
	return err
}
