package kinds

import "github.com/minik8s/minik8s/reconcile/nodelocal"

// A Sandbox is one Pod in a machine's container runtime.
func sandbox() *Kind {
	return nodeLocal("Sandbox", "sandboxes", func() Object { return &nodelocal.Sandbox{} })
}
