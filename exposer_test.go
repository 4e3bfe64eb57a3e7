package minik8s_test

import (
	"fmt"
	"strconv"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
	"github.com/minik8s/minik8s/view/decisiontest"
)

// The example of docs/adding-a-controller.md.

// exposeAnnotation asks for a Service and says which port it has.
const exposeAnnotation = "expose"

// exposer gives a Deployment with the annotation "expose" a Service of the
// same name.
func exposer() reconcile.Component {
	return reconcile.Component{
		Name: "exposer",
		User: "system:serviceaccount:kube-system:exposer",
		For:  reconcile.Deployments.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.Deployments.GroupResource),
			reconcile.Owned(reconcile.Services.GroupResource, "Deployment"),
		},
		Reconcile: expose,
	}
}

// exposerRights is what the exposer may do. Like every component, it writes
// under its own name.
const exposerRights = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: exposer}
rules:
- {apiGroups: [""], resources: [services], verbs: [create, update, delete]}
- {apiGroups: [""], resources: [events], verbs: [create]}
- {apiGroups: [apps], resources: [deployments/finalizers], verbs: [update]} # to own a Service blocks the deletion
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: exposer}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: exposer}
subjects:
- {kind: ServiceAccount, namespace: kube-system, name: exposer}
`

func expose(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
	var plan reconcile.Plan
	deployment, ok := reconcile.Deployments.Get(v, req.Key)
	if !ok || deployment.DeletionTimestamp != nil {
		return plan, nil // the garbage collector removes what it owned
	}
	service, exists := reconcile.Services.Get(v, req.Key)
	port, wanted := deployment.Annotations[exposeAnnotation]
	switch {
	case exists && !metav1.IsControlledBy(service, deployment):
		plan.Observe("a service of that name that is not ours")
	case exists && !wanted:
		plan.Delete(service, "the annotation %q is gone", exposeAnnotation)
	case wanted:
		return plan, exposePort(&plan, deployment, service, exists, port)
	}
	return plan, nil
}

// exposePort plans the Service as it should be. A port that is none becomes an
// event, not an error: trying again would not help.
func exposePort(plan *reconcile.Plan, d *appsv1.Deployment, present *corev1.Service, exists bool, text string) error {
	port, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		plan.Event(d, corev1.EventTypeWarning, "InvalidPort", "%q is not a port", text)
		return nil
	}
	if d.Spec.Selector == nil || len(d.Spec.Selector.MatchExpressions) > 0 {
		return fmt.Errorf("a service cannot select what deployment %s selects", reconcile.KeyOf(d))
	}
	if !exists {
		plan.Create(serviceOf(d, int32(port)), "port %d is to be exposed", port)
		return nil
	}
	changed := present.DeepCopy() // what a view returns is shared and frozen
	changed.Spec.Selector = d.Spec.Selector.MatchLabels
	changed.Spec.Ports[0].Port = int32(port) // validation sees to it that there is one
	if !equality.Semantic.DeepEqual(changed, present) {
		plan.Update(changed, "port %d is to be exposed", port)
	}
	return nil
}

func serviceOf(d *appsv1.Deployment, port int32) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: d.Namespace, Name: d.Name,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(d, appsv1.SchemeGroupVersion.WithKind("Deployment"))},
		},
		Spec: corev1.ServiceSpec{Selector: d.Spec.Selector.MatchLabels, Ports: []corev1.ServicePort{{Port: port}}},
	}
}

func TestExposer(t *testing.T) { decisiontest.Run(t, "testdata/exposer", exposer()) }
