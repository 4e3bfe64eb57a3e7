// Package proxysim is the kube-proxy of every simulated machine.
//
// It models what kube-proxy makes of Services and EndpointSlices: rules that
// send a connection to a Service's address on to one of its endpoints. The
// rules of a machine are nodelocal.ProxyRules objects. Render shows them as
// iptables-save would, and Resolve follows them for one connection.
//
// It leaves out what needs a kernel or a second network: nothing is
// intercepted; there is no IPv6, no ipvs or nftables, no topology hint, no
// source range and no health-check port.
//
// Read next: kubeproxy.go for the reconciler, ruleset.go for how rules become
// iptables chains.
package proxysim
