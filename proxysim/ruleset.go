package proxysim

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// rule is one line of iptables: what it matches, and where matching packets go.
type rule struct {
	chain   string
	comment string

	protocol    string
	destination string // an address, "" for any
	port        int32  // destination port, 0 for any
	toMachine   bool   // the destination is one of the machine's own addresses
	source      string
	fromMachine bool
	recent      string // the client was sent to this chain within seconds …
	seconds     int32
	remember    string // … and this rule is what notes it
	oneIn       int    // matches one connection in so many, at random

	target   string
	endpoint *nodelocal.ProxyEndpoint // of a DNAT
}

// ruleset is what iptables holds for some Services, in two tables.
type ruleset struct{ nat, filter []rule }

func (s *ruleset) addNAT(r rule)    { s.nat = append(s.nat, r) }
func (s *ruleset) addFilter(r rule) { s.filter = append(s.filter, r) }

// standing are the rules that every machine has. Node ports are looked at last.
func (s *ruleset) standing() {
	s.addNAT(rule{chain: markMasqueradeChain, target: "MARK --or-mark 0x4000"})
	s.addNAT(rule{chain: servicesChain, toMachine: true, target: nodePortsChain,
		comment: "kubernetes service nodeports; NOTE: this must be the last rule in this chain"})
}

// portRules builds the rules of one port of a Service.
type portRules struct {
	*ruleset
	rules    *nodelocal.ProxyRules
	port     *nodelocal.ProxyPort
	name     string
	protocol string

	clusterChain, localChain, externalChain string
	internal, external                      policy
}

// policy is where traffic from inside, or from outside, goes.
type policy struct {
	chain    string // empty if there is nowhere to go
	rejected string // what happens to packets then
	comment  string
}

// compile turns rules into iptables' terms.
//
// Upstream: pkg/proxy/iptables (syncProxyRules), without masquerading of traffic from outside the cluster's pod network, and without firewall chains.
func compile(all []*nodelocal.ProxyRules) *ruleset {
	set := &ruleset{}
	for _, r := range all {
		for i := range r.Ports {
			p := &r.Ports[i]
			name := portName(r, p)
			port := portRules{
				ruleset: set, rules: r, port: p, name: name, protocol: strings.ToLower(string(p.Protocol)),
				clusterChain:  chainName("KUBE-SVC-", name, p.Protocol, ""),
				localChain:    chainName("KUBE-SVL-", name, p.Protocol, ""),
				externalChain: chainName("KUBE-EXT-", name, p.Protocol, ""),
			}
			port.internal, port.external = port.policy(p.InternalLocal), port.policy(p.ExternalLocal)
			port.clusterIPs()
			port.externalAddresses("external IP", p.ExternalIPs)
			port.externalAddresses("loadbalancer IP", p.LoadBalancerIPs)
			port.nodePort()
			port.chains()
		}
	}
	set.standing()
	return set
}

func (p *portRules) policy(localOnly bool) policy {
	switch {
	case len(p.port.Endpoints) == 0:
		return policy{rejected: "REJECT", comment: p.name + " has no endpoints"}
	case localOnly && len(p.port.LocalEndpoints) == 0:
		return policy{rejected: "DROP", comment: p.name + " has no local endpoints"}
	case localOnly:
		return policy{chain: p.localChain}
	}
	return policy{chain: p.clusterChain}
}

func (p *portRules) clusterIPs() {
	for _, ip := range p.port.ClusterIPs {
		r := rule{chain: servicesChain, protocol: p.protocol, destination: ip, port: p.port.Port}
		if p.internal.chain != "" {
			r.comment, r.target = p.name+" cluster IP", p.internal.chain
			p.addNAT(r)
		} else {
			r.comment, r.target = p.internal.comment, p.internal.rejected
			p.addFilter(r)
		}
	}
}

func (p *portRules) externalAddresses(what string, ips []string) {
	for _, ip := range ips {
		r := rule{chain: servicesChain, protocol: p.protocol, destination: ip, port: p.port.Port}
		if len(p.port.Endpoints) > 0 {
			r.comment, r.target = p.name+" "+what, p.externalChain
			p.addNAT(r)
		}
		p.refuseExternal(r)
	}
}

func (p *portRules) nodePort() {
	if p.port.NodePort == 0 {
		return
	}
	r := rule{chain: nodePortsChain, protocol: p.protocol, port: p.port.NodePort}
	if len(p.port.Endpoints) > 0 {
		r.comment, r.target = p.name, p.externalChain
		p.addNAT(r)
	}
	r.toMachine = true
	p.refuseExternal(r)
}

// refuseExternal drops what r matches if there is no endpoint for it.
func (p *portRules) refuseExternal(r rule) {
	if p.external.chain == "" {
		r.chain, r.comment, r.target = externalServicesChain, p.external.comment, p.external.rejected
		p.addFilter(r)
	}
}

// chains writes the chains that the Service's addresses lead to.
func (p *portRules) chains() {
	if len(p.port.Endpoints) == 0 {
		return
	}
	accessible := p.port.NodePort != 0 || len(p.port.ExternalIPs) > 0 || len(p.port.LoadBalancerIPs) > 0
	if accessible {
		p.externalTraffic()
	}
	var reachable []nodelocal.ProxyEndpoint
	if !p.port.InternalLocal || accessible {
		p.balance(p.clusterChain, p.port.Endpoints)
		reachable = p.port.Endpoints
	}
	if p.port.InternalLocal || p.port.ExternalLocal {
		p.balance(p.localChain, p.port.LocalEndpoints)
		reachable = union(reachable, p.port.LocalEndpoints)
	}
	for i := range reachable {
		p.endpoint(&reachable[i])
	}
}

// externalTraffic is the chain for traffic to external addresses. What comes from
// the machine itself may go anywhere, whatever the policy.
func (p *portRules) externalTraffic() {
	r := rule{chain: p.externalChain, target: markMasqueradeChain}
	if !p.port.ExternalLocal {
		r.comment = fmt.Sprintf("masquerade traffic for %s external destinations", p.name)
		p.addNAT(r)
	} else {
		r.fromMachine = true
		r.comment = fmt.Sprintf("masquerade LOCAL traffic for %s external destinations", p.name)
		p.addNAT(r)
		r.comment = fmt.Sprintf("route LOCAL traffic for %s external destinations", p.name)
		r.target = p.clusterChain
		p.addNAT(r)
	}
	if p.external.chain != "" {
		p.addNAT(rule{chain: p.externalChain, target: p.external.chain})
	}
}

// balance sends a connection to the endpoint that the client had before, if
// the Service wants that, or to any one.
func (p *portRules) balance(chain string, endpoints []nodelocal.ProxyEndpoint) {
	rules := make([]rule, len(endpoints))
	for i, e := range endpoints {
		rules[i] = rule{
			chain:   chain,
			comment: p.name + " -> " + hostPort(e),
			target:  chainName("KUBE-SEP-", p.name, p.port.Protocol, hostPort(e)),
		}
	}
	if p.rules.SessionAffinity == string(corev1.ServiceAffinityClientIP) {
		for _, r := range rules {
			r.recent, r.seconds = r.target, p.rules.AffinitySeconds
			p.addNAT(r)
		}
	}
	for i, r := range rules {
		if left := len(rules) - i; left > 1 {
			r.oneIn = left
		}
		p.addNAT(r)
	}
}

func (p *portRules) endpoint(e *nodelocal.ProxyEndpoint) {
	chain := chainName("KUBE-SEP-", p.name, p.port.Protocol, hostPort(*e))
	p.addNAT(rule{chain: chain, comment: p.name, source: e.IP, target: markMasqueradeChain})
	dnat := rule{chain: chain, comment: p.name, protocol: p.protocol, target: "DNAT", endpoint: e}
	if p.rules.SessionAffinity == string(corev1.ServiceAffinityClientIP) {
		dnat.remember = chain
	}
	p.addNAT(dnat)
}

func union(a, b []nodelocal.ProxyEndpoint) []nodelocal.ProxyEndpoint {
	return sortedOr(append(append([]nodelocal.ProxyEndpoint(nil), a...), b...), nil)
}
