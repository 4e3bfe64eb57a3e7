package minik8s

import (
	"fmt"
	"slices"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/auth"
)

// server adds to the configuration of an API server what was asked for.
func (o *Options) server(c apiserver.Config) apiserver.Config {
	c.Seed, c.Tokens, c.WithoutAdmission = o.Seed, o.Tokens, o.WithoutAdmission
	if o.AlwaysAllow {
		c.Authorizer = auth.AlwaysAllow
	}
	return c
}

// checkAdmission refuses names that no admission plugin has.
//
// Upstream: k8s.io/apiserver/pkg/server/options (AdmissionOptions), which knows the plugins that do nothing here as well.
func (o *Options) checkAdmission() error {
	known := apiserver.AdmissionPlugins()
	for _, name := range o.WithoutAdmission {
		if !slices.Contains(known, name) {
			return fmt.Errorf("admission plugin %q is unknown", name)
		}
	}
	return nil
}
