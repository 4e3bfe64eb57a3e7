package apiserver

import (
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// defaultServiceCIDR is the name of the range that the cluster began with, and
// serviceCIDRFinalizer what its controller keeps it with while it is in use.
const (
	defaultServiceCIDR   = "kubernetes"
	serviceCIDRFinalizer = "networking.k8s.io/service-cidr-finalizer"
)

// bootstrapServiceCIDR creates the default range, and says that it may be
// used.
//
// Upstream: pkg/controlplane/controller/defaultservicecidr, once instead of all the time, and with the finalizer and the message that the ServiceCIDR controller would give it.
func (s *Server) bootstrapServiceCIDR() error {
	cidr := &networkingv1.ServiceCIDR{
		ObjectMeta: metav1.ObjectMeta{Name: defaultServiceCIDR, Finalizers: []string{serviceCIDRFinalizer}},
	}
	for _, r := range s.ServiceCIDRs {
		cidr.Spec.CIDRs = append(cidr.Spec.CIDRs, r.Masked().String())
	}
	if err := s.bootstrap(serviceCIDRs, cidr); err != nil {
		return err
	}
	ready := cidr.DeepCopy()
	ready.ResourceVersion = ""
	ready.Status.Conditions = []metav1.Condition{{
		Type:               networkingv1.ServiceCIDRConditionReady,
		Status:             metav1.ConditionTrue,
		LastTransitionTime: seconds(s.Now()),
		Message:            "Kubernetes Service CIDR is ready",
	}}
	return s.bootstrapStatus(serviceCIDRs, ready)
}
