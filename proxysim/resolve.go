package proxysim

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// Connection is the first packet of a connection, as a machine's rules see it.
type Connection struct {
	ClientIP string
	// IP, Port and Protocol are where the client wants to go.
	IP       string
	Port     int32
	Protocol corev1.Protocol
	// MachineIPs are the addresses of the machine whose rules are followed.
	MachineIPs []string
	// Draw decides what iptables leaves to chance: endpoint Draw modulo their
	// number. Counting it up gives each its turn.
	Draw uint64
}

// Affinity says whether the client was sent to an endpoint's chain within a
// time. It is the memory behind session affinity; nil is no memory.
type Affinity func(chain string, within time.Duration) bool

// Verdict is what becomes of a connection.
type Verdict string

// The verdicts. Unmatched is traffic that concerns no Service.
const (
	Unmatched Verdict = ""
	Forwarded Verdict = "DNAT"
	Rejected  Verdict = "REJECT"
	Dropped   Verdict = "DROP"
)

// Route is the way of one connection through the rules.
type Route struct {
	Verdict Verdict
	// Endpoint is where a forwarded connection goes, and Chain that endpoint's
	// chain, for the caller's Affinity to remember.
	Endpoint nodelocal.ProxyEndpoint
	Chain    string
	// Trace lists the rules that the connection matched, as iptables-save
	// prints them.
	Trace []string
}

// Resolve follows a machine's rules for one connection. It is deterministic:
// what is random in iptables is given by the connection's Draw.
func Resolve(rules []*nodelocal.ProxyRules, c Connection, affinity Affinity) Route {
	var concerned []*nodelocal.ProxyRules // to compile no more than can matter
	for _, r := range rules {
		if slices.ContainsFunc(r.Ports, func(p nodelocal.ProxyPort) bool { return c.concerns(&p) }) {
			concerned = append(concerned, r)
		}
	}
	set := compile(concerned)
	w := walk{connection: c, affinity: affinity, rules: set.nat}
	if w.follow(servicesChain) {
		return w.route
	}
	w.rules = set.filter
	if !w.follow(servicesChain) {
		w.follow(externalServicesChain)
	}
	return w.route
}

// concerns is a quick look whether a port's rules can matter at all.
func (c *Connection) concerns(p *nodelocal.ProxyPort) bool {
	return p.Protocol == c.Protocol && (p.NodePort == c.Port && c.toMachine() ||
		p.Port == c.Port && (slices.Contains(p.ClusterIPs, c.IP) || slices.Contains(p.ExternalIPs, c.IP) || slices.Contains(p.LoadBalancerIPs, c.IP)))
}

func (c *Connection) toMachine() bool { return slices.Contains(c.MachineIPs, c.IP) }

// walk is a connection on its way through one table.
type walk struct {
	connection Connection
	affinity   Affinity
	rules      []rule
	route      Route
}

// follow goes through a chain and says whether the packet's fate was decided.
func (w *walk) follow(chain string) bool {
	chances, pick := 0, 0 // random rules met, and which of them is to match
	for i := range w.rules {
		r := &w.rules[i]
		if r.chain != chain || !w.matches(r) {
			continue
		}
		if r.oneIn > 1 {
			if chances == 0 {
				pick = int(w.connection.Draw % uint64(r.oneIn))
			}
			chances++
			if chances-1 != pick {
				continue
			}
		}
		w.route.Trace = append(w.route.Trace, r.String())
		switch r.target {
		case markMasqueradeChain:
			continue
		case string(Rejected), string(Dropped):
			w.route.Verdict = Verdict(r.target)
			return true
		case string(Forwarded):
			w.route.Verdict, w.route.Endpoint, w.route.Chain = Forwarded, *r.endpoint, chain
			return true
		}
		if w.follow(r.target) {
			return true
		}
	}
	return false
}

func (w *walk) matches(r *rule) bool {
	c := &w.connection
	return (r.protocol == "" || r.protocol == strings.ToLower(string(c.Protocol))) &&
		(r.destination == "" || r.destination == c.IP) &&
		(r.port == 0 || r.port == c.Port) &&
		(!r.toMachine || c.toMachine()) &&
		(r.source == "" || r.source == c.ClientIP) &&
		(!r.fromMachine || slices.Contains(c.MachineIPs, c.ClientIP)) &&
		(r.recent == "" || w.affinity != nil && w.affinity(r.recent, time.Duration(r.seconds)*time.Second))
}
