package minik8s

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/minik8s/minik8s/engine"
	"github.com/minik8s/minik8s/reconcile"
)

// Invariants are what must hold in any cluster after any tick, whatever
// components and faults there are. Checking them reads all Pods and Nodes, so
// they are for tests.
func Invariants() []engine.Invariant {
	return []engine.Invariant{
		{Name: "no two Pods share an address", Check: uniquePodIPs},
		{Name: "no two Services share a cluster IP or a node port", Check: uniqueServiceAddresses},
		{Name: "no node holds more Pods than it has room for", Check: podsFit},
	}
}

func uniquePodIPs(v reconcile.View) error {
	holder := map[string]string{}
	for _, s := range reconcile.Sandboxes.List(v) {
		name := s.PodNamespace + "/" + s.PodName
		if s.IP == "" || s.HostNetwork {
			continue
		}
		if other, taken := holder[s.IP]; taken {
			return fmt.Errorf("%s and %s both have %s", other, name, s.IP)
		}
		holder[s.IP] = name
	}
	return nil
}

func uniqueServiceAddresses(v reconcile.View) error {
	holder := map[string]string{}
	claim := func(address, name string) error {
		if other, taken := holder[address]; taken {
			return fmt.Errorf("%s and %s both have %s", other, name, address)
		}
		holder[address] = name
		return nil
	}
	for _, s := range reconcile.Services.List(v) {
		name := s.Namespace + "/" + s.Name
		for _, ip := range s.Spec.ClusterIPs {
			if ip == corev1.ClusterIPNone {
				continue
			}
			if err := claim(ip, name); err != nil {
				return err
			}
		}
		for _, p := range s.Spec.Ports {
			if p.NodePort == 0 {
				continue
			}
			if err := claim(fmt.Sprintf("node port %d/%s", p.NodePort, p.Protocol), name); err != nil {
				return err
			}
		}
	}
	return nil
}

func podsFit(v reconcile.View) error {
	for _, n := range reconcile.Nodes.List(v) {
		running := int64(0)
		for _, p := range reconcile.Pods.List(v, reconcile.OnNode(n.Name)) {
			if p.Status.Phase != corev1.PodSucceeded && p.Status.Phase != corev1.PodFailed {
				running++
			}
		}
		if room := n.Status.Allocatable.Pods().Value(); running > room {
			return fmt.Errorf("%s holds %d Pods and has room for %d", n.Name, running, room)
		}
	}
	return nil
}
