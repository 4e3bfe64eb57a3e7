package apiserver

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// nodePorts are the rows of ports that are taken, each with the service that
// has it. A port is taken for all protocols.
const nodePorts = "node-ports"

func portRow(port int32) string { return strconv.Itoa(int(port)) }

func (c *call) takeNodePort(port int32, svc *corev1.Service) error {
	if !c.dryRun && (port < c.FirstNodePort || port > c.LastNodePort) {
		return fmt.Errorf("provided port is not in the valid range. The range of valid ports is %d-%d", c.FirstNodePort, c.LastNodePort)
	}
	if c.tx.Row(nodePorts, portRow(port)) != nil {
		return errPortAllocated
	}
	c.tx.PutRow(nodePorts, portRow(port), svc.Namespace+"/"+svc.Name)
	c.highestPort = max(c.highestPort, port)
	return nil
}

// beforeRehearsedPorts is what a dry run counts on from.
const beforeRehearsedPorts = 32768

// nextNodePort takes a free port. A dry run gets one that means nothing.
//
// Upstream: pkg/registry/core/service/portallocator (PortAllocationOperation).
func (c *call) nextNodePort(svc *corev1.Service) (int32, error) {
	if c.dryRun {
		c.highestPort = cmp.Or(c.highestPort, beforeRehearsedPorts) + 1
		return c.highestPort, nil
	}
	total := uint64(c.LastNodePort-c.FirstNodePort) + 1
	n, ok := c.pick(drawNodePort, total, reservedBand(total, 32, 128), func(n uint64) bool {
		return c.tx.Row(nodePorts, portRow(c.FirstNodePort+int32(n))) == nil
	})
	if !ok {
		return 0, errRangeFull
	}
	port := c.FirstNodePort + int32(n)
	return port, c.takeNodePort(port, svc)
}

func (c *call) freeNodePort(port int32, svc *corev1.Service) {
	if c.tx.Row(nodePorts, portRow(port)) == svc.Namespace+"/"+svc.Name {
		c.tx.DeleteRow(nodePorts, portRow(port))
	}
}

func (c *call) invalidNodePort(svc *corev1.Service, i int, port int32, err error) error {
	return c.invalid(svc.Name, field.ErrorList{field.Invalid(specPath("ports").Index(i).Child("nodePort"), port, err.Error())})
}

func (c *call) noNodePort(err error) error {
	return apierrors.NewInternalError(fmt.Errorf("failed to allocate a nodePort: %w", err))
}

// hasNodePorts says whether ports on nodes mean anything for a service. One
// may ask for them even where none are handed out (see needsNodePort).
func hasNodePorts(svc *corev1.Service) bool {
	return svc.Spec.Type == corev1.ServiceTypeNodePort || svc.Spec.Type == corev1.ServiceTypeLoadBalancer
}

// allocateNodePorts gives a new service its node ports. Service ports of the
// same number, in other protocols, share one.
func (c *call) allocateNodePorts(svc *corev1.Service) error {
	if hasNodePorts(svc) {
		shared := map[int32]int32{} // by service port
		for i := range svc.Spec.Ports {
			if err := c.allocateNodePort(svc, i, shared); err != nil {
				return err
			}
		}
	}
	if needsHealthCheckPort(svc) {
		return c.allocateHealthCheckPort(svc)
	}
	return nil
}

func (c *call) allocateNodePort(svc *corev1.Service, i int, shared map[int32]int32) error {
	p := &svc.Spec.Ports[i]
	if p.NodePort == 0 && !needsNodePort(svc) {
		return nil
	}
	port, found := shared[p.Port]
	if found && (p.NodePort == 0 || p.NodePort == port) {
		p.NodePort = port
		return nil
	}
	want := p.NodePort
	if !found {
		want = requestedNodePort(p.Port, svc.Spec.Ports)
	}
	if want != 0 {
		if err := c.takeNodePort(want, svc); err != nil {
			return c.invalidNodePort(svc, i, want, err)
		}
		p.NodePort = want
	} else {
		next, err := c.nextNodePort(svc)
		if err != nil {
			return c.noNodePort(err)
		}
		p.NodePort = next
	}
	if !found {
		shared[p.Port] = p.NodePort
	}
	return nil
}

// requestedNodePort is the first one asked for among the ports of a number.
func requestedNodePort(port int32, ports []corev1.ServicePort) int32 {
	for _, p := range ports {
		if p.Port == port && p.NodePort != 0 {
			return p.NodePort
		}
	}
	return 0
}

func (c *call) allocateHealthCheckPort(svc *corev1.Service) error {
	if want := svc.Spec.HealthCheckNodePort; want != 0 {
		if err := c.takeNodePort(want, svc); err != nil {
			return apierrors.NewInternalError(fmt.Errorf("failed to allocate requested HealthCheck NodePort %v: %w", want, err))
		}
		return nil
	}
	port, err := c.nextNodePort(svc)
	if err != nil {
		return apierrors.NewInternalError(fmt.Errorf("failed to allocate a HealthCheck NodePort %v: %w", port, err))
	}
	svc.Spec.HealthCheckNodePort = port
	return nil
}

// updateNodePorts takes the ports that a changed service asks for or still
// lacks, and gives back those that it has no more.
func (c *call) updateNodePorts(svc, old *corev1.Service) error {
	had := nodePortsOf(old)
	switch {
	case hasNodePorts(svc):
		if err := c.extendNodePorts(svc, had); err != nil {
			return err
		}
		has := nodePortsOf(svc)
		for _, port := range had {
			if !slices.Contains(has, port) {
				c.freeNodePort(port, old)
			}
		}
	case hasNodePorts(old):
		for _, port := range had {
			c.freeNodePort(port, old)
		}
	}
	switch needed, needs := needsHealthCheckPort(old), needsHealthCheckPort(svc); {
	case !needed && needs:
		return c.allocateHealthCheckPort(svc)
	case needed && !needs:
		c.freeNodePort(old.Spec.HealthCheckNodePort, old)
	}
	return nil
}

func (c *call) extendNodePorts(svc *corev1.Service, had []int32) error {
	type key struct {
		protocol corev1.Protocol
		port     int32
	}
	var seen []key
	taken := slices.Clone(had)
	for i := range svc.Spec.Ports {
		p := &svc.Spec.Ports[i]
		switch {
		case p.NodePort != 0 && slices.Contains(taken, p.NodePort):
		case p.NodePort != 0:
			if err := c.takeNodePort(p.NodePort, svc); err != nil {
				return c.invalidNodePort(svc, i, p.NodePort, err)
			}
			taken = append(taken, p.NodePort)
		case needsNodePort(svc):
			port, err := c.nextNodePort(svc)
			if err != nil {
				return c.noNodePort(err)
			}
			p.NodePort = port
		default:
			continue
		}
		k := key{p.Protocol, p.NodePort}
		if slices.Contains(seen, k) {
			return fmt.Errorf("duplicate nodePort: %v", k)
		}
		seen = append(seen, k)
	}
	return nil
}

func nodePortsOf(svc *corev1.Service) []int32 {
	var ports []int32
	for _, p := range svc.Spec.Ports {
		if p.NodePort != 0 {
			ports = append(ports, p.NodePort)
		}
	}
	return ports
}

func (c *call) releaseNodePorts(svc *corev1.Service) {
	for _, port := range nodePortsOf(svc) {
		c.freeNodePort(port, svc)
	}
	if svc.Spec.HealthCheckNodePort != 0 {
		c.freeNodePort(svc.Spec.HealthCheckNodePort, svc)
	}
}
