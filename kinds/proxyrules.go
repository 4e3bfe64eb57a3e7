package kinds

import "github.com/minik8s/minik8s/reconcile/nodelocal"

// ProxyRules are what kube-proxy has programmed on one machine for one
// Service.
func proxyRules() *Kind {
	return nodeLocal("ProxyRules", "proxyrules", func() Object { return &nodelocal.ProxyRules{} })
}
