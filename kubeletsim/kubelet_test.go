package kubeletsim

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestDecisions(t *testing.T) { decisiontest.Run(t, "testdata/decisions", Kubelet()) }

// TestLifecycles follows Pods through time on a bench. Commands:
//
//	machine                 a new bench with an idle node
//	add                     adds or replaces objects
//	delete POD [grace=SECONDS] [force]
//	                        as the API does, with a grace period or at once
//	run [for=DURATION] [brief] [full]
//	                        runs until only heartbeats are left, or for a time;
//	                        brief prints only what happens in sandboxes, full
//	                        every field that changes
func TestLifecycles(t *testing.T) {
	datadriven.Walk(t, "testdata/lifecycles", func(t *testing.T, path string) {
		var b *testBench
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "machine" {
				b = newTestBench(t)
			}
			b.t = t
			b.out.Reset()
			if err := b.do(d); err != nil {
				d.Fatalf(t, "%v", err)
			}
			if b.out.Len() == 0 {
				return "ok\n"
			}
			return b.out.String()
		})
	})
}

func (b *testBench) do(d *datadriven.TestData) error {
	switch d.Cmd {
	case "machine":
		if err := b.add(benchMachine); err != nil {
			return err
		}
		b.run(0)
		b.out.Reset()
		clear(b.due) // from here on, no node heartbeats
		b.now = benchStart
		return b.add(d.Input)
	case "add":
		return b.add(d.Input)
	case "delete":
		var grace *int64
		if d.HasArg("grace") {
			var seconds int
			d.MaybeScanArgs(b.t.(*testing.T), "grace", &seconds)
			grace = ptr.To(int64(seconds))
		}
		b.deletePod(d.CmdArgs[0].Key, d.HasArg("force"), grace)
		return nil
	case "run":
		b.brief, b.full = d.HasArg("brief"), d.HasArg("full")
		var text string
		d.MaybeScanArgs(b.t.(*testing.T), "for", &text)
		if text == "" {
			b.run(0)
			return nil
		}
		period, err := time.ParseDuration(text)
		b.run(period)
		return err
	}
	return fmt.Errorf("unknown command %q: machine, add, delete or run", d.Cmd)
}

const benchMachine = `
apiVersion: sim.minik8s.io/v1
kind: Machine
metadata:
  name: node-1
spec:
  capacity: {cpu: "4", memory: 8Gi, pods: "110", ephemeral-storage: 100Gi}
  internalIP: 192.168.0.11
  podCIDR: 10.244.1.0/24
`

// TestSandboxFailure tells why a Pod's sandbox could not be made.
func TestSandboxFailure(t *testing.T) {
	b := newTestBench(t)
	require.NoError(t, b.add(benchMachine))
	require.NoError(t, b.add(benchPod("web")))
	req := reconcile.Request{Key: reconcile.Key{Namespace: "default", Name: "web"}, Node: benchNode,
		Attempt: 1, LastErr: errors.New("no address is free in 10.244.1.0/24")}
	plan, err := b.kubelet.Reconcile(b.view(), req)
	require.NoError(t, err)
	require.Equal(t, "FailedCreatePodSandBox", plan.Calls[0].EventReason)
	require.Equal(t, "Failed to create pod sandbox: no address is free in 10.244.1.0/24", plan.Calls[0].Message)

	req.LastErr = apierrors.NewAlreadyExists(reconcile.Sandboxes.GroupResource, "pod-web")
	plan, err = b.kubelet.Reconcile(b.view(), req)
	require.NoError(t, err)
	require.Equal(t, reconcile.Create, plan.Calls[0].Verb, "that the sandbox is there is no failure to report")
}

// TestNodeComesBack has a deleted Node register again.
func TestNodeComesBack(t *testing.T) {
	b := newTestBench(t)
	require.NoError(t, b.add(benchMachine))
	b.run(0)
	node, ok := reconcile.Nodes.Get(b.view(), nodeKey(benchNode))
	require.True(t, ok)
	require.True(t, isNodeReady(node), "a machine's node is ready once the kubelet has settled")
	require.Equal(t, 200*time.Millisecond, b.now.Sub(benchStart), "and that in two ticks")
	b.remove(node)
	b.run(0)
	node, ok = reconcile.Nodes.Get(b.view(), nodeKey(benchNode))
	require.True(t, ok)
	require.True(t, isNodeReady(node))
}

// TestQuietAtRest has nothing written for a Pod that runs, however often the
// kubelet looks at it, and it need not look: neither at one without probes nor
// at one that passes them all.
func TestQuietAtRest(t *testing.T) {
	const probes = `, startupProbe: {tcpSocket: {port: 80}}, readinessProbe: {httpGet: {port: 80}, initialDelaySeconds: 5}, livenessProbe: {exec: {command: ["true"]}}}]`
	for name, pod := range map[string]string{
		"without probes": benchPod("web"),
		"with probes":    strings.Replace(benchPod("web"), "}]", probes, 1),
	} {
		t.Run(name, func(t *testing.T) {
			b := newTestBench(t)
			require.NoError(t, b.add(benchMachine))
			require.NoError(t, b.add(pod))
			b.run(0)
			stored, _ := reconcile.Pods.Get(b.view(), reconcile.Key{Namespace: "default", Name: "web"})
			require.True(t, stored.Status.ContainerStatuses[0].Ready)
			for range 3 {
				plan, err := b.kubelet.Reconcile(b.view(), reconcile.Request{Key: reconcile.Key{Namespace: "default", Name: "web"}, Node: benchNode})
				require.NoError(t, err)
				require.Empty(t, plan.Calls)
				require.Zero(t, plan.After)
				b.now = b.now.Add(time.Hour)
			}
		})
	}
}

func benchPod(name string) string {
	return fmt.Sprintf(`
apiVersion: v1
kind: Pod
metadata: {name: %s, namespace: default, generation: 1}
spec:
  nodeName: node-1
  restartPolicy: Always
  containers: [{name: nginx, image: "nginx:1.22", imagePullPolicy: IfNotPresent, resources: {requests: {cpu: 100m, memory: 64Mi}}}]
`, name)
}

// BenchmarkPodTurn measures the turns of a Pod among a hundred on its machine.
func BenchmarkPodTurn(b *testing.B) {
	bench := newTestBench(b)
	_ = bench.add(benchMachine)
	for i := range 100 {
		_ = bench.add(benchPod(fmt.Sprintf("web-%d", i)))
	}
	bench.run(0)
	running := bench.view()
	req := reconcile.Request{Key: reconcile.Key{Namespace: "default", Name: "web-50"}, Node: benchNode}

	_ = bench.add(benchPod("web-50")) // as if it had just been bound …
	reset := bench.view()             // … and its sandbox was just created
	sandbox, _ := reconcile.Sandboxes.Get(running, reconcile.Key{Namespace: benchNode, Name: "pod-web-50"})
	bench.remove(sandbox)
	bound := bench.view()

	for _, turn := range []struct {
		name  string
		view  reconcile.View
		calls int
	}{{"create", bound, 4}, {"status", reset, 1}, {"nothing", running, 0}} {
		b.Run(turn.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				plan, err := bench.kubelet.Reconcile(turn.view, req)
				if err != nil || len(plan.Calls) != turn.calls {
					b.Fatalf("%d calls, error %v", len(plan.Calls), err)
				}
			}
		})
	}
}

// BenchmarkNodeTurn measures a heartbeat that only renews the lease.
func BenchmarkNodeTurn(b *testing.B) {
	bench := newTestBench(b)
	_ = bench.add(benchMachine)
	for i := range 100 {
		_ = bench.add(benchPod(fmt.Sprintf("web-%d", i)))
	}
	bench.run(0)
	bench.now = bench.now.Add(leasePeriod)
	b.ReportAllocs()
	for b.Loop() {
		if plan, err := bench.kubelet.Reconcile(bench.view(), reconcile.Request{Key: nodeKey(benchNode), Node: benchNode}); err != nil || len(plan.Calls) != 1 {
			b.Fatalf("%d calls, error %v", len(plan.Calls), err)
		}
	}
}
