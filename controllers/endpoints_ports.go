package controllers

import (
	"bytes"
	"hash/fnv"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/dump"
)

// findPort is the number under which a Pod serves a Service's port. A named
// target port is looked up in the Pod's containers and sidecars; ok is false
// if none of them has a port of that name and protocol.
func findPort(pod *corev1.Pod, port *corev1.ServicePort) (number int32, ok bool) {
	if port.TargetPort.Type == intstr.Int {
		return port.TargetPort.IntVal, true
	}
	for i := range pod.Spec.Containers {
		if number, ok := namedPort(&pod.Spec.Containers[i], port); ok {
			return number, true
		}
	}
	for i := range pod.Spec.InitContainers {
		c := &pod.Spec.InitContainers[i]
		sidecar := c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
		if number, ok := namedPort(c, port); ok && sidecar {
			return number, true
		}
	}
	return 0, false
}

func namedPort(c *corev1.Container, port *corev1.ServicePort) (int32, bool) {
	for _, p := range c.Ports {
		if p.Name == port.TargetPort.StrVal && p.Protocol == port.Protocol {
			return p.ContainerPort, true
		}
	}
	return 0, false
}

// sortedByHash orders ports or subsets by a hash of their content: an order
// that means nothing, but that kubectl shows for every real Service.
func sortedByHash[T any](items []T) []T {
	type hashed struct {
		item T
		sum  []byte
	}
	all := make([]hashed, len(items))
	for i, item := range items {
		h := fnv.New128a()
		h.Write([]byte(dump.ForHash(item)))
		all[i] = hashed{item, h.Sum(nil)}
	}
	slices.SortStableFunc(all, func(a, b hashed) int { return bytes.Compare(a.sum, b.sum) })
	sorted := make([]T, len(items))
	for i, h := range all {
		sorted[i] = h.item
	}
	return sorted
}
