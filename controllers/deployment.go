package controllers

import (
	"cmp"
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// Deployment keeps one ReplicaSet for each revision of a Pod template and
// moves replicas from the old ones to the new one, as the strategy allows.
//
// Upstream: pkg/controller/deployment, without the rollback annotation of the removed extensions API: kubectl rollout undo puts an old template back, and its ReplicaSet is found again.
func Deployment() reconcile.Component {
	return reconcile.Component{
		Name: "deployment-controller",
		User: "system:serviceaccount:kube-system:deployment-controller",
		For:  reconcile.Deployments.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.Deployments.GroupResource),
			reconcile.Owned(reconcile.ReplicaSets.GroupResource, "Deployment"),
			reconcile.Mapped(reconcile.ReplicaSets.GroupResource, deploymentsForOrphan).If(orphanMayMatch),
			reconcile.Mapped(reconcile.Pods.GroupResource, recreatingDeploymentOf).If(podGone),
		},
		Reconcile: reconcileDeployment,
	}
}

// deploymentsForOrphan finds the Deployments that could adopt a ReplicaSet.
func deploymentsForOrphan(v reconcile.View, o reconcile.Object) []reconcile.Key {
	if metav1.GetControllerOfNoCopy(o) != nil {
		return nil
	}
	var keys []reconcile.Key
	for _, d := range reconcile.Deployments.List(v, reconcile.InNamespace(o.GetNamespace())) {
		if selects(d.Spec.Selector, o.GetLabels()) {
			keys = append(keys, reconcile.KeyOf(d))
		}
	}
	return keys
}

// recreatingDeploymentOf finds the Deployment behind a Pod's ReplicaSet, if it
// is one that waits for old Pods to be gone.
func recreatingDeploymentOf(v reconcile.View, pod reconcile.Object) []reconcile.Key {
	ref := metav1.GetControllerOfNoCopy(pod)
	if ref == nil || ref.Kind != "ReplicaSet" {
		return nil
	}
	rs, ok := reconcile.ReplicaSets.Get(v, reconcile.Key{Namespace: pod.GetNamespace(), Name: ref.Name})
	if !ok || rs.UID != ref.UID {
		return nil
	}
	if ref = metav1.GetControllerOfNoCopy(rs); ref == nil || ref.Kind != "Deployment" {
		return nil
	}
	d, ok := reconcile.Deployments.Get(v, reconcile.Key{Namespace: rs.Namespace, Name: ref.Name})
	if !ok || d.UID != ref.UID || d.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
		return nil
	}
	return []reconcile.Key{reconcile.KeyOf(d)}
}

func podGone(_, after reconcile.Object) bool { return after == nil }

func reconcileDeployment(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	var plan reconcile.Plan
	stored, ok := reconcile.Deployments.Get(v, req.Key)
	if !ok {
		return plan, nil
	}
	if equality.Semantic.DeepEqual(stored.Spec.Selector, &metav1.LabelSelector{}) {
		refuseToSelectAll(&plan, stored)
		return plan, nil
	}
	replicaSets, err := claimReplicaSets(v, &plan, stored)
	if err != nil {
		return plan, err
	}
	// Upstream: pkg/controller/deployment (syncDeployment), which goes on after it has adopted or released a ReplicaSet and meets a conflict when it scales it; here the changed ReplicaSets wake the next turn.
	if len(plan.Calls) > 0 {
		return plan, nil
	}
	r := newRollout(v, &plan, req.LastErr, stored, replicaSets)
	if err := r.advance(); err != nil {
		return plan, err
	}
	r.writeStatus()
	return plan, nil
}

func refuseToSelectAll(plan *reconcile.Plan, d *appsv1.Deployment) {
	plan.Event(d, corev1.EventTypeWarning, "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.")
	if d.Status.ObservedGeneration < d.Generation {
		seen := d.DeepCopy()
		seen.Status.ObservedGeneration = d.Generation
		plan.UpdateStatus(seen, "generation %d has been looked at", d.Generation)
	}
}

// claimReplicaSets returns the Deployment's ReplicaSets, oldest first.
func claimReplicaSets(v reconcile.View, plan *reconcile.Plan, d *appsv1.Deployment) ([]*appsv1.ReplicaSet, error) {
	selector, err := metav1.LabelSelectorAsSelector(d.Spec.Selector)
	if err != nil {
		return nil, fmt.Errorf("deployment %s has invalid label selector: %w", reconcile.KeyOf(d), err)
	}
	all := reconcile.ReplicaSets.List(v, reconcile.InNamespace(d.Namespace))
	claimed, err := claim(claimer{d, appsv1.SchemeGroupVersion.WithKind("Deployment"), selector}, plan, all)
	slices.SortFunc(claimed, olderReplicaSet)
	return claimed, err
}

// olderReplicaSet orders by age, and by name what is of one age.
func olderReplicaSet(a, b *appsv1.ReplicaSet) int {
	return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
}
