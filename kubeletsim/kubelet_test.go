package kubeletsim

import (
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/minik8s/minik8s/view/decisiontest"
)

func TestDecisions(t *testing.T) { decisiontest.Run(t, "testdata/decisions", Kubelet()) }

// TestLifecycles follows Pods through time on a bench. Commands:
//
//	machine                 a new bench with an idle node
//	add                     adds or replaces objects
//	delete POD [force]      as the API does, with the Pod's grace period or at once
//	run [for=DURATION] [brief]  runs until only heartbeats are left, or for a
//	                        time; brief prints only what happens in sandboxes
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
		b.deletePod(d.CmdArgs[0].Key, d.HasArg("force"))
		return nil
	case "run":
		b.brief = d.HasArg("brief")
		var text string
		d.MaybeScanArgs(b.t, "for", &text)
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
