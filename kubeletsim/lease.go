package kubeletsim

import (
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/reconcile"
)

// How long a node's Lease holds, and how often it is renewed: upstream's defaults.
const (
	leaseDuration = 40 * time.Second
	leasePeriod   = leaseDuration / 4
)

// renewLease keeps the node's Lease alive. It comes last in the plan: while
// the namespace for Leases does not exist, it fails and is tried again.
//
// Upstream: k8s.io/component-helpers/apimachinery/lease, without jitter.
func renewLease(v reconcile.View, node *corev1.Node, plan *reconcile.Plan, alarm *alarm) {
	now := v.Now()
	lease, ok := reconcile.Leases.Get(v, reconcile.Key{Namespace: corev1.NamespaceNodeLease, Name: node.Name})
	if ok && lease.Spec.RenewTime != nil {
		if next := lease.Spec.RenewTime.Add(leasePeriod); next.After(now) {
			alarm.routine(next, "to renew the lease")
			return
		}
	}
	if ok {
		lease = lease.DeepCopy()
	} else {
		lease = &coordinationv1.Lease{
			ObjectMeta: metav1.ObjectMeta{Namespace: corev1.NamespaceNodeLease, Name: node.Name},
			Spec:       coordinationv1.LeaseSpec{HolderIdentity: ptr.To(node.Name)},
		}
	}
	if len(lease.OwnerReferences) == 0 {
		lease.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}}
	}
	lease.Spec.LeaseDurationSeconds = ptr.To(int32(leaseDuration / time.Second))
	lease.Spec.RenewTime = ptr.To(metav1.NewMicroTime(now))
	if ok {
		plan.Update(lease, "renew the lease")
	} else {
		plan.Create(lease, "the node has no lease")
	}
	alarm.routine(now.Add(leasePeriod), "to renew the lease")
}
