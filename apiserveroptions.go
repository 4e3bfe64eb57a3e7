package minik8s

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/auth"
)

// server adds to the configuration of an API server what was asked for.
//
// Upstream: pkg/kubeapiserver/options (ApplyAuthorization), which knows no anonymous users either where everybody may do everything.
func (o *Options) server(c apiserver.Config) apiserver.Config {
	c.Seed, c.Tokens, c.ServiceCIDRs, c.WithoutAdmission = o.Seed, o.Tokens, o.ServiceCIDRs, o.WithoutAdmission
	c.ClientCA = o.Authority.PEM()
	if o.AlwaysAllow {
		c.Authorizer, c.WithoutAnonymous = auth.AlwaysAllow, true
	}
	return c
}

// checkServer refuses names that no admission plugin has, and a range that
// cluster IPs cannot come from.
//
// Upstream: k8s.io/apiserver/pkg/server/options (AdmissionOptions), which knows the plugins that do nothing here as well.
// Upstream: cmd/kube-apiserver/app/options (validateClusterIPFlags, getServiceIPAndRanges), complete.
func (o *Options) checkServer() error {
	known := apiserver.AdmissionPlugins()
	for _, name := range o.WithoutAdmission {
		if !slices.Contains(known, name) {
			return fmt.Errorf("admission plugin %q is unknown", name)
		}
	}
	return checkServiceRanges(o.ServiceCIDRs)
}

func checkServiceRanges(ranges []netip.Prefix) error {
	for _, r := range ranges {
		switch {
		case !r.IsValid():
			return errors.New("a service range has no address")
		case r.Addr().BitLen()-r.Bits() < leastServiceBits:
			return fmt.Errorf("service range %s: must be at least %d IP addresses", r, 1<<leastServiceBits)
		case r.Addr().Is6() && r.Bits() < widestServiceIPv6:
			return fmt.Errorf("service range %s: shortest allowed prefix length for service CIDR is %d, got %d", r, widestServiceIPv6, r.Bits())
		}
	}
	if len(ranges) > 2 {
		return errors.New("there must not be more than two service ranges")
	}
	if len(ranges) == 2 && ranges[0].Addr().Is4() == ranges[1].Addr().Is4() {
		return fmt.Errorf("service ranges %s and %s must be of different IP family", ranges[0], ranges[1])
	}
	return nil
}

// A range has at least 1<<leastServiceBits addresses. Of IPv6, it fixes at
// least widestServiceIPv6 bits.
const (
	leastServiceBits  = 3
	widestServiceIPv6 = 64
)
