package apiserver

import (
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// defaultServiceCIDR is the name of the range that the cluster began with.
const defaultServiceCIDR = "kubernetes"

// bootstrapServiceCIDR creates the default range, and says that it may be
// used.
//
// Upstream: pkg/controlplane/controller/defaultservicecidr, once instead of all the time.
func (s *Server) bootstrapServiceCIDR() error {
	cidr := &networkingv1.ServiceCIDR{
		ObjectMeta: metav1.ObjectMeta{Name: defaultServiceCIDR},
		Spec:       networkingv1.ServiceCIDRSpec{CIDRs: []string{s.ServiceCIDR.Masked().String()}},
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
		Message:            "Kubernetes default Service CIDR is ready",
	}}
	return s.bootstrapStatus(serviceCIDRs, ready)
}
