package proxysim

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/reconcile/nodelocal"
	"github.com/minik8s/minik8s/store"
	"github.com/minik8s/minik8s/view"
	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestDecisions(t *testing.T) { decisiontest.Run(t, "testdata/decisions", KubeProxy()) }

// TestRules shows rules and follows them. Commands:
//
//	rules                 replaces the rules by YAML ProxyRules
//	render                prints them
//	resolve to=IP:PORT [from=IP] [draw=N] [protocol=P] [recent=IP:PORT]
//	                      follows one connection on a machine with the address
//	                      192.168.0.11; recent is where the client went before
func TestRules(t *testing.T) {
	datadriven.Walk(t, "testdata/rules", func(t *testing.T, path string) {
		var rules []*nodelocal.ProxyRules
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var out strings.Builder
			switch d.Cmd {
			case "rules":
				rules = parseRules(t, d.Input)
				return "ok\n"
			case "render":
				require.NoError(t, Render(rules, &out))
			case "resolve":
				resolve(t, &out, rules, d)
			default:
				d.Fatalf(t, "unknown command %q: rules, render or resolve", d.Cmd)
			}
			return out.String()
		})
	})
}

func parseRules(t *testing.T, documents string) []*nodelocal.ProxyRules {
	var rules []*nodelocal.ProxyRules
	reader := yaml.NewYAMLReader(bufio.NewReader(strings.NewReader(documents)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rules
		}
		require.NoError(t, err)
		r := &nodelocal.ProxyRules{}
		require.NoError(t, yaml.UnmarshalStrict(document, r))
		rules = append(rules, r)
	}
}

func resolve(t *testing.T, w io.Writer, rules []*nodelocal.ProxyRules, d *datadriven.TestData) {
	arg := func(name, otherwise string) string {
		value := otherwise
		d.MaybeScanArgs(t, name, &value)
		return value
	}
	ip, port, _ := strings.Cut(arg("to", ""), ":")
	number, err := strconv.Atoi(port)
	require.NoError(t, err)
	draw, err := strconv.ParseUint(arg("draw", "0"), 10, 64)
	require.NoError(t, err)
	c := Connection{ClientIP: arg("from", "10.244.1.200"), IP: ip, Port: int32(number),
		Protocol: corev1.Protocol(arg("protocol", "TCP")), MachineIPs: []string{"192.168.0.11"}, Draw: draw}
	var affinity Affinity
	if recent := arg("recent", ""); recent != "" {
		affinity = func(chain string, within time.Duration) bool {
			return slices.ContainsFunc(rules, func(r *nodelocal.ProxyRules) bool {
				return chain == chainName("KUBE-SEP-", r.Service, c.Protocol, recent) && within == time.Duration(r.AffinitySeconds)*time.Second
			})
		}
	}
	route := Resolve(rules, c, affinity)
	for _, line := range route.Trace {
		fmt.Fprintln(w, line)
	}
	switch route.Verdict {
	case Forwarded:
		fmt.Fprintf(w, "to %s %s\n", hostPort(route.Endpoint), route.Endpoint.Pod)
	case Unmatched:
		fmt.Fprintln(w, "concerns no service")
	default:
		fmt.Fprintln(w, route.Verdict)
	}
}

// TestFairness gives every endpoint its turn as the draw counts up, and all
// about the same share of scattered draws.
func TestFairness(t *testing.T) {
	r := &nodelocal.ProxyRules{Service: "default/web", Ports: []nodelocal.ProxyPort{{Protocol: "TCP", ClusterIPs: []string{"10.96.0.1"}, Port: 80}}}
	const n = 7
	for i := range n {
		r.Ports[0].Endpoints = append(r.Ports[0].Endpoints, nodelocal.ProxyEndpoint{IP: "10.0.0." + strconv.Itoa(i), Port: 80})
	}
	got := func(draw uint64) string {
		return Resolve([]*nodelocal.ProxyRules{r}, Connection{IP: "10.96.0.1", Port: 80, Protocol: "TCP", Draw: draw}, nil).Endpoint.IP
	}
	counted, scattered := map[string]int{}, map[string]int{}
	for i := range uint64(10 * n) {
		counted[got(i)]++
		scattered[got(i*0x9e3779b97f4a7c15)]++
	}
	require.Len(t, counted, n)
	for ip, times := range counted {
		require.Equal(t, 10, times, ip)
	}
	require.Len(t, scattered, n)
}

// TestChainNames compares with names that real clusters show.
func TestChainNames(t *testing.T) {
	require.Equal(t, "KUBE-SVC-NPX46M4PTMTKRN6Y", chainName("KUBE-SVC-", "default/kubernetes:https", "TCP", ""))
	require.Equal(t, "KUBE-SVC-TCOU7JCQXEZGVUNU", chainName("KUBE-SVC-", "kube-system/kube-dns:dns", "UDP", ""))
	require.Equal(t, "KUBE-SVC-ERIFXISQEP7F7OF4", chainName("KUBE-SVC-", "kube-system/kube-dns:dns-tcp", "TCP", ""))
}

// BenchmarkSync measures a machine's look at a Service of a thousand endpoints
// that has not changed.
func BenchmarkSync(b *testing.B) {
	world := store.New()
	put := func(gr schema.GroupResource, o reconcile.Object) {
		require.NoError(b, world.Write(func(tx *store.Tx) error {
			return tx.Put(&store.Object{Resource: gr, Namespace: o.GetNamespace(), Name: o.GetName(), Value: o}, store.AnyRevision, store.Origin{})
		}))
	}
	put(reconcile.Services.GroupResource, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"},
		Spec:       corev1.ServiceSpec{ClusterIP: "10.96.0.10", Ports: []corev1.ServicePort{{Port: 80, Protocol: corev1.ProtocolTCP}}},
	})
	for i := range 10 {
		slice := &discoveryv1.EndpointSlice{
			ObjectMeta:  metav1.ObjectMeta{Namespace: "default", Name: fmt.Sprintf("web-%d", i), Labels: map[string]string{discoveryv1.LabelServiceName: "web"}},
			AddressType: discoveryv1.AddressTypeIPv4,
			Ports:       []discoveryv1.EndpointPort{{Port: ptr.To[int32](8080)}},
		}
		for j := range 100 {
			slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{
				Addresses: []string{fmt.Sprintf("10.244.%d.%d", i, j)},
				TargetRef: &corev1.ObjectReference{Kind: "Pod", Namespace: "default", Name: fmt.Sprintf("web-%d-%d", i, j)},
			})
		}
		put(reconcile.EndpointSlices.GroupResource, slice)
	}
	req := reconcile.Request{Key: reconcile.Key{Namespace: "default", Name: "web"}, Node: "node-1"}
	plan, err := syncService(view.New(world.Snapshot(), time.Time{}), req)
	require.NoError(b, err)
	put(reconcile.ProxyRules.GroupResource, plan.Calls[0].Object)
	v := view.New(world.Snapshot(), time.Time{}.Add(syncPeriod))
	b.ReportAllocs()
	for b.Loop() {
		if plan, err := syncService(v, req); err != nil || len(plan.Calls) > 0 {
			b.Fatalf("%d calls, error %v", len(plan.Calls), err)
		}
	}
}
