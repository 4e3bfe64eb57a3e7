package nodelocal

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
)

// DeepCopyObject implements runtime.Object.
func (m *Machine) DeepCopyObject() runtime.Object { return m.DeepCopy() }

// DeepCopy returns a copy that shares nothing with m.
func (m *Machine) DeepCopy() *Machine {
	out := *m
	m.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Spec.Capacity = m.Spec.Capacity.DeepCopy()
	if m.Spec.Labels != nil {
		out.Spec.Labels = make(map[string]string, len(m.Spec.Labels))
		for k, v := range m.Spec.Labels {
			out.Spec.Labels[k] = v
		}
	}
	out.Spec.Taints = slices.Clone(m.Spec.Taints)
	for i := range out.Spec.Taints {
		m.Spec.Taints[i].DeepCopyInto(&out.Spec.Taints[i])
	}
	out.Status.Images = slices.Clone(m.Status.Images)
	for i := range out.Status.Images {
		m.Status.Images[i].DeepCopyInto(&out.Status.Images[i])
	}
	return &out
}

// DeepCopyObject implements runtime.Object.
func (s *Sandbox) DeepCopyObject() runtime.Object { return s.DeepCopy() }

// DeepCopy returns a copy that shares nothing with s that anyone may change:
// log lines and file changes are only ever appended to a clipped slice, and an
// allocation is replaced as a whole.
func (s *Sandbox) DeepCopy() *Sandbox {
	out := *s
	s.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.StoppingSince = s.StoppingSince.DeepCopy()
	out.Pulls = slices.Clone(s.Pulls)
	out.Containers = slices.Clone(s.Containers)
	for i := range out.Containers {
		out.Containers[i] = s.Containers[i].deepCopy()
	}
	return &out
}

func (c Container) deepCopy() Container {
	c.Log, c.Files = slices.Clip(c.Log), slices.Clip(c.Files)
	if c.Last != nil {
		last := c.Last.deepCopy()
		c.Last = &last
	}
	return c
}

// DeepCopyObject implements runtime.Object.
func (r *ProxyRules) DeepCopyObject() runtime.Object { return r.DeepCopy() }

// DeepCopy returns a copy that shares nothing with r.
func (r *ProxyRules) DeepCopy() *ProxyRules {
	out := *r
	r.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Ports = slices.Clone(r.Ports)
	for i := range out.Ports {
		p := &out.Ports[i]
		p.ClusterIPs = slices.Clone(p.ClusterIPs)
		p.ExternalIPs = slices.Clone(p.ExternalIPs)
		p.LoadBalancerIPs = slices.Clone(p.LoadBalancerIPs)
		p.Endpoints = slices.Clone(p.Endpoints)
		p.LocalEndpoints = slices.Clone(p.LocalEndpoints)
	}
	return &out
}
