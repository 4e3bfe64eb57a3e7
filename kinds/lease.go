package kinds

import (
	coordinationv1 "k8s.io/api/coordination/v1"
	"k8s.io/kubernetes/pkg/apis/coordination"
	coordinationv1conv "k8s.io/kubernetes/pkg/apis/coordination/v1"
	"k8s.io/kubernetes/pkg/apis/coordination/validation"
	"k8s.io/kubernetes/pkg/features"
)

// A Lease is a claim that somebody renews: a kubelet's heartbeat, a leader's
// lock.
//
// Upstream: pkg/registry/coordination/lease (strategy), complete.
func lease() *Kind {
	leases := versions[coordinationv1.Lease, coordination.Lease]{
		toInternal:   coordinationv1conv.Convert_v1_Lease_To_coordination_Lease,
		fromInternal: coordinationv1conv.Convert_coordination_Lease_To_v1_Lease,
	}
	return &Kind{
		GroupVersionKind: coordinationv1.SchemeGroupVersion.WithKind("Lease"),
		Resource:         "leases",
		Singular:         "lease",
		Namespaced:       true,

		New:     func() Object { return &coordinationv1.Lease{} },
		Default: leases.defaults,

		PrepareCreate: func(obj Object) {
			dropElectionStrategy(&obj.(*coordinationv1.Lease).Spec, &coordinationv1.LeaseSpec{})
		},
		PrepareUpdate: func(obj, old Object) {
			dropElectionStrategy(&obj.(*coordinationv1.Lease).Spec, &old.(*coordinationv1.Lease).Spec)
		},
		Validate:            leases.validate(validation.ValidateLease),
		ValidateUpdate:      leases.validateUpdate(validation.ValidateLeaseUpdate),
		AllowCreateOnUpdate: true,
	}
}

// dropElectionStrategy removes the fields of coordinated leader election
// while that feature is off, unless they were in use before.
func dropElectionStrategy(spec, old *coordinationv1.LeaseSpec) {
	if enabled(features.CoordinatedLeaderElection) {
		return
	}
	if old.Strategy == nil {
		spec.Strategy = nil
	}
	if old.PreferredHolder == nil {
		spec.PreferredHolder = nil
	}
}
