package scheduler

import (
	corev1 "k8s.io/api/core/v1"
)

// NodePorts refuses nodes where a host port of the pod is taken.
type NodePorts struct{}

// Name is upstream's name of the plugin.
func (NodePorts) Name() string { return "NodePorts" }

// PreFilter skips pods without host ports.
func (NodePorts) PreFilter(pod *PodInfo, _ *Snapshot) PreFilterResult {
	wanted := pod.HostPorts
	if len(wanted) == 0 {
		return PreFilterResult{}
	}
	taken := &Status{Reasons: []string{"node(s) didn't have free ports for the requested pod ports"}}
	return PreFilterResult{Filter: func(n *NodeInfo) *Status {
		for _, used := range n.UsedPorts {
			for _, want := range wanted {
				if want.conflicts(used) {
					return taken
				}
			}
		}
		return nil
	}}
}

// HostPort is a port of the node that a pod listens on. An empty IP means all
// of the node's addresses.
type HostPort struct {
	IP       string
	Protocol corev1.Protocol
	Port     int32
}

func (p HostPort) conflicts(q HostPort) bool {
	return p.Port == q.Port && p.Protocol == q.Protocol && (p.IP == q.IP || p.IP == "" || q.IP == "")
}

// hostPorts are the ports of all containers that run as long as the pod does:
// its containers and its sidecars.
func hostPorts(pod *corev1.Pod) []HostPort {
	var ports []HostPort
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		if c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways {
			ports = appendHostPorts(ports, c)
		}
	}
	for i := range pod.Spec.Containers {
		ports = appendHostPorts(ports, &pod.Spec.Containers[i])
	}
	return ports
}

func appendHostPorts(ports []HostPort, c *corev1.Container) []HostPort {
	for _, p := range c.Ports {
		if p.HostPort <= 0 {
			continue
		}
		port := HostPort{IP: p.HostIP, Protocol: p.Protocol, Port: p.HostPort}
		if port.IP == "0.0.0.0" {
			port.IP = ""
		}
		if port.Protocol == "" {
			port.Protocol = corev1.ProtocolTCP
		}
		ports = append(ports, port)
	}
	return ports
}
