package minik8s

import (
	"fmt"
	"slices"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/auth"
)

// server adds to the configuration of an API server what was asked for.
func (o *Options) server(c apiserver.Config) apiserver.Config {
	c.Seed, c.Tokens, c.ServiceCIDR, c.WithoutAdmission = o.Seed, o.Tokens, o.ServiceCIDR.Masked(), o.WithoutAdmission
	if o.AlwaysAllow {
		c.Authorizer = auth.AlwaysAllow
	}
	return c
}

// checkServer refuses names that no admission plugin has, and a range that
// cluster IPs cannot come from.
//
// Upstream: k8s.io/apiserver/pkg/server/options (AdmissionOptions), which knows the plugins that do nothing here as well.
// Upstream: cmd/kube-apiserver/app/options (validateClusterIPFlags), without ranges of IPv6.
func (o *Options) checkServer() error {
	known := apiserver.AdmissionPlugins()
	for _, name := range o.WithoutAdmission {
		if !slices.Contains(known, name) {
			return fmt.Errorf("admission plugin %q is unknown", name)
		}
	}
	if r := o.ServiceCIDR; r.IsValid() && (!r.Addr().Is4() || r.Bits() < widestServiceCIDR || r.Bits() > narrowestServiceCIDR) {
		return fmt.Errorf("service range %s is none of IPv4 from /%d to /%d", r, widestServiceCIDR, narrowestServiceCIDR)
	}
	return nil
}

// The range has room for the Services that every cluster has, and not so much
// that upstream would refuse it.
const (
	widestServiceCIDR    = 12
	narrowestServiceCIDR = 28
)
