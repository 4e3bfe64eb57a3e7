package minik8s

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile/nodelocal"
)

// AddMachine plugs a machine in. Its kubelet registers a Node of that name.
func (c *Cluster) AddMachine(m *nodelocal.Machine) error {
	return c.create(m, "add machine "+m.Name)
}

// machine is the n-th machine of a new cluster, from 0. Addresses are laid out
// as in the tutorials: Pods in 10.42.0.0/16, a /24 for each node.
func machine(n int) *nodelocal.Machine {
	const hosts = 250 // per third byte of the machines' own network
	return &nodelocal.Machine{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("node-%d", n+1)},
		Spec: nodelocal.MachineSpec{
			Capacity: corev1.ResourceList{
				corev1.ResourceCPU:              resource.MustParse("8"),
				corev1.ResourceMemory:           resource.MustParse("16Gi"),
				corev1.ResourcePods:             resource.MustParse("110"),
				corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
			},
			InternalIP: fmt.Sprintf("172.18.%d.%d", n/hosts, n%hosts+2),
			PodCIDR:    fmt.Sprintf("10.%d.%d.0/24", 42+n/256*2, n%256),
		},
	}
}
