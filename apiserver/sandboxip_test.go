package apiserver

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

func (w *world) sandbox(name string) (string, error) {
	s, err := w.create("sandboxes", "node-1", &nodelocal.Sandbox{ObjectMeta: metav1.ObjectMeta{Name: name}})
	if err != nil {
		return "", err
	}
	return s.(*nodelocal.Sandbox).IP, nil
}

func newMachine(name, podCIDR string) *nodelocal.Machine {
	return &nodelocal.Machine{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: nodelocal.MachineSpec{PodCIDR: podCIDR}}
}

func TestSandboxAddresses(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("machines", "", newMachine("node-1", "10.42.7.0/29"))
	for i := 2; i <= 6; i++ {
		ip, err := w.sandbox(fmt.Sprint("s-", i))
		require.NoError(t, err)
		require.Equal(t, fmt.Sprintf("10.42.7.%d", i), ip)
	}
	_, err := w.sandbox("full")
	require.Equal(t, `500 InternalError: Internal error occurred: failed to allocate for range 0: no IP addresses available in range set: 10.42.7.1-10.42.7.6`, answer(err))

	for _, name := range []string{"s-2", "s-5"} {
		_, err := w.delete("sandboxes", "node-1/"+name, nil)
		require.NoError(t, err)
	}
	next, err := w.sandbox("a")
	require.NoError(t, err)
	require.Equal(t, "10.42.7.2", next, "round it goes")
	next, err = w.sandbox("b")
	require.NoError(t, err)
	require.Equal(t, "10.42.7.5", next)
}

func TestFreedAddressIsNotUsedAtOnce(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("machines", "", newMachine("node-1", "10.42.0.0/24"))
	first, err := w.sandbox("a")
	require.NoError(t, err)
	_, err = w.delete("sandboxes", "node-1/a", nil)
	require.NoError(t, err)
	second, err := w.sandbox("a")
	require.NoError(t, err)
	require.Equal(t, []string{"10.42.0.2", "10.42.0.3"}, []string{first, second})
}

func TestSandboxKeepsItsAddress(t *testing.T) {
	w := newWorld(t)
	w.mustCreate("machines", "", newMachine("node-1", "10.42.0.0/24"))
	_, err := w.sandbox("a")
	require.NoError(t, err)
	s := copyOf[*nodelocal.Sandbox](w.get("sandboxes", "node-1/a"))
	s.IP, s.PodName = "", "web"
	require.Equal(t, "10.42.0.2", w.mustUpdate("sandboxes", "", s).(*nodelocal.Sandbox).IP)

	host := w.mustCreate("sandboxes", "node-1", &nodelocal.Sandbox{ObjectMeta: metav1.ObjectMeta{Name: "host"}, HostNetwork: true})
	require.Empty(t, host.(*nodelocal.Sandbox).IP)
}

func TestSandboxNeedsARange(t *testing.T) {
	w := newWorld(t)
	_, err := w.sandbox("a")
	require.Equal(t, `404 NotFound: machines.sim.minik8s.io "node-1" not found`, answer(err))
	w.mustCreate("machines", "", newMachine("node-1", "10.42.0.0/31"))
	_, err = w.sandbox("a")
	require.Equal(t, `500 InternalError: Internal error occurred: machine node-1 has no usable range for pods: "10.42.0.0/31"`, answer(err))
}
