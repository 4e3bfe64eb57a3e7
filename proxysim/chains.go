package proxysim

import (
	"crypto/sha256"
	"encoding/base32"
	"net"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// Chains that every machine has.
const (
	servicesChain         = "KUBE-SERVICES"
	nodePortsChain        = "KUBE-NODEPORTS"
	externalServicesChain = "KUBE-EXTERNAL-SERVICES"
	markMasqueradeChain   = "KUBE-MARK-MASQ"
)

// portName is a Service's port in comments and in hashes: "default/web:http".
func portName(r *nodelocal.ProxyRules, p *nodelocal.ProxyPort) string {
	if p.Name == "" {
		return r.Service
	}
	return r.Service + ":" + p.Name
}

// chainName is the chain of a Service's port, or of one endpoint of it: a
// prefix and a hash, as upstream makes it, so that names can be compared.
//
// Upstream: pkg/proxy/iptables (portProtoHash, servicePortEndpointChainName).
func chainName(prefix, portName string, protocol corev1.Protocol, endpoint string) string {
	sum := sha256.Sum256([]byte(portName + strings.ToLower(string(protocol)) + endpoint))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:16]
}

func hostPort(e nodelocal.ProxyEndpoint) string {
	return net.JoinHostPort(e.IP, strconv.Itoa(int(e.Port)))
}
