package proxysim

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// Render prints a machine's rules the way iptables-save does, in the order in
// which a packet meets them.
func Render(rules []*nodelocal.ProxyRules, w io.Writer) error {
	set := compile(rules)
	out := bufio.NewWriter(w)
	renderTable(out, "nat", []string{markMasqueradeChain, nodePortsChain, servicesChain}, set.nat)
	renderTable(out, "filter", []string{externalServicesChain, servicesChain}, set.filter)
	return out.Flush()
}

// renderTable prints the chains of a table in the order of their first rules,
// but the standing ones first.
func renderTable(w io.Writer, table string, standing []string, rules []rule) {
	chains := slices.Clone(standing)
	byChain := map[string][]rule{}
	for _, r := range rules {
		if _, seen := byChain[r.chain]; !seen && !slices.Contains(standing, r.chain) {
			chains = append(chains, r.chain)
		}
		byChain[r.chain] = append(byChain[r.chain], r)
	}
	fmt.Fprintf(w, "*%s\n", table)
	for _, chain := range chains {
		fmt.Fprintf(w, ":%s - [0:0]\n", chain)
	}
	for _, chain := range chains {
		for _, r := range byChain[chain] {
			fmt.Fprintln(w, r)
		}
	}
	fmt.Fprintln(w, "COMMIT")
}

// String is the rule as iptables-save prints it.
func (r rule) String() string {
	var b strings.Builder
	arg := func(format string, args ...any) { fmt.Fprintf(&b, " "+format, args...) }
	b.WriteString("-A " + r.chain)
	if r.source != "" {
		arg("-s %s/32", r.source)
	}
	if r.destination != "" {
		arg("-d %s/32", r.destination)
	}
	if r.protocol != "" {
		arg("-p %s", r.protocol)
	}
	if r.comment != "" {
		arg("-m comment --comment %s", quoted(r.comment))
	}
	if r.toMachine {
		arg("-m addrtype --dst-type LOCAL")
	}
	if r.fromMachine {
		arg("-m addrtype --src-type LOCAL")
	}
	if r.port != 0 {
		arg("-m %s --dport %d", r.protocol, r.port)
	}
	if r.recent != "" {
		arg("-m recent --rcheck --seconds %d --reap --name %s --mask 255.255.255.255 --rsource", r.seconds, r.recent)
	}
	if r.remember != "" {
		arg("-m recent --set --name %s --mask 255.255.255.255 --rsource", r.remember)
	}
	if r.oneIn > 1 {
		arg("-m statistic --mode random --probability %.11f", 1/float64(r.oneIn))
	}
	switch {
	case r.endpoint != nil:
		arg("-m %s -j DNAT --to-destination %s", r.protocol, hostPort(*r.endpoint))
	case r.target == "REJECT":
		arg("-j REJECT --reject-with icmp-port-unreachable")
	default:
		arg("-j %s", r.target)
	}
	return b.String()
}

func quoted(comment string) string {
	if strings.Contains(comment, " ") {
		return `"` + comment + `"`
	}
	return comment
}
