package minik8s

import (
	"net/http"

	"k8s.io/client-go/rest"

	"github.com/minik8s/minik8s/apiserver/wire"
)

// Transport carries HTTP requests to the cluster without a socket, as its
// administrator. Watches stream as they do over a network.
func (c *Cluster) Transport() http.RoundTripper { return wire.NewTransport(c.Handler(), admin) }

// RESTConfig is what client-go and controller-runtime make clients from. It
// has no client-side rate limit.
func (c *Cluster) RESTConfig() *rest.Config {
	return &rest.Config{Host: "https://minik8s.invalid", Transport: c.Transport(), QPS: -1}
}
