package controllers

import (
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/minik8s/minik8s/reconcile"
)

// ReplicationController does for ReplicationControllers what ReplicaSet does
// for ReplicaSets: each is seen as a ReplicaSet that selects the same Pods.
//
// Upstream: pkg/controller/replication (ReplicationManager), complete, with a conversion of what the turn needs in the place of adapters for clients and informers.
func ReplicationController() reconcile.Component {
	return reconcile.Component{
		Name: "replication-controller",
		User: "system:serviceaccount:kube-system:replication-controller",
		For:  reconcile.ReplicationControllers.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.ReplicationControllers.GroupResource),
			reconcile.Owned(reconcile.Pods.GroupResource, replicationControllerKind.Kind),
			reconcile.Mapped(reconcile.Pods.GroupResource, replicationControllersForOrphan).If(orphanMayMatch),
		},
		Reconcile: reconcileReplicationController,
	}
}

// replicationControllersForOrphan finds the ReplicationControllers that could
// adopt a Pod.
func replicationControllersForOrphan(v reconcile.View, o reconcile.Object) []reconcile.Key {
	if metav1.GetControllerOfNoCopy(o) != nil {
		return nil
	}
	var keys []reconcile.Key
	for _, rc := range reconcile.ReplicationControllers.List(v, reconcile.InNamespace(o.GetNamespace())) {
		if len(rc.Spec.Selector) > 0 && labels.SelectorFromSet(rc.Spec.Selector).Matches(labels.Set(o.GetLabels())) {
			keys = append(keys, reconcile.KeyOf(rc))
		}
	}
	return keys
}

func reconcileReplicationController(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	rc, ok := reconcile.ReplicationControllers.Get(v, req.Key)
	if !ok {
		return reconcile.Plan{}, nil
	}
	return reconcileReplicas(v, req, replicated{ReplicaSet: asReplicaSet(rc), stored: rc, kind: replicationControllerKind})
}

// asReplicaSet is a ReplicationController in the form of a ReplicaSet. It
// shares the original's memory, so nobody may change it.
//
// Upstream: pkg/apis/core/v1 (Convert_v1_ReplicationController_To_apps_ReplicaSet), complete.
func asReplicaSet(rc *corev1.ReplicationController) *appsv1.ReplicaSet {
	rs := &appsv1.ReplicaSet{
		ObjectMeta: rc.ObjectMeta,
		Spec: appsv1.ReplicaSetSpec{
			Replicas:        rc.Spec.Replicas,
			MinReadySeconds: rc.Spec.MinReadySeconds,
			Selector:        &metav1.LabelSelector{MatchLabels: rc.Spec.Selector},
			Template:        *rc.Spec.Template,
		},
		Status: appsv1.ReplicaSetStatus{
			Replicas:             rc.Status.Replicas,
			FullyLabeledReplicas: rc.Status.FullyLabeledReplicas,
			ReadyReplicas:        rc.Status.ReadyReplicas,
			AvailableReplicas:    rc.Status.AvailableReplicas,
			ObservedGeneration:   rc.Status.ObservedGeneration,
		},
	}
	for _, c := range rc.Status.Conditions {
		rs.Status.Conditions = append(rs.Status.Conditions, appsv1.ReplicaSetCondition{
			Type: appsv1.ReplicaSetConditionType(c.Type), Status: c.Status,
			LastTransitionTime: c.LastTransitionTime, Reason: c.Reason, Message: c.Message,
		})
	}
	return rs
}

// replicationControllerStatus is a ReplicaSet's status in the form of a
// ReplicationController's, which does not count terminating Pods.
func replicationControllerStatus(status appsv1.ReplicaSetStatus) corev1.ReplicationControllerStatus {
	converted := corev1.ReplicationControllerStatus{
		Replicas:             status.Replicas,
		FullyLabeledReplicas: status.FullyLabeledReplicas,
		ReadyReplicas:        status.ReadyReplicas,
		AvailableReplicas:    status.AvailableReplicas,
		ObservedGeneration:   status.ObservedGeneration,
	}
	for _, c := range status.Conditions {
		converted.Conditions = append(converted.Conditions, corev1.ReplicationControllerCondition{
			Type: corev1.ReplicationControllerConditionType(c.Type), Status: c.Status,
			LastTransitionTime: c.LastTransitionTime, Reason: c.Reason, Message: c.Message,
		})
	}
	return converted
}
