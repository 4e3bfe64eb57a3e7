package minik8s_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// scalePolicies say what may be done to the scale of a Deployment. The last
// selects objects by a label that Deployments have, and scales have not.
const scalePolicies = `
{apiVersion: v1, kind: Namespace, metadata: {name: bench}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: even}
spec:
  reinvocationPolicy: Never
  matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments/scale]}]}
  mutations: [{patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{spec: Object.spec{replicas: object.spec.replicas / 2 * 2}}"}}]
---
{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingAdmissionPolicyBinding, metadata: {name: even}, spec: {policyName: even}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: few}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments/scale]}]}
  validations:
  - expression: object.spec.replicas < 8
    messageExpression: "request.kind.kind + ' of ' + oldObject.apiVersion + ': ' + string(oldObject.spec.replicas) + ' to ' + string(object.spec.replicas)"
---
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: few}, spec: {policyName: few, validationActions: [Deny]}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: labelled}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [UPDATE], resources: [deployments/scale]}]
    objectSelector: {matchLabels: {app: web}}
  validations: [{expression: "false"}]
---
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: labelled}, spec: {policyName: labelled, validationActions: [Deny]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: bench, labels: {app: web}}, spec: {replicas: 1, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: nginx}]}}}}
`

func TestPoliciesSeeTheScale(t *testing.T) {
	t.Parallel()
	cluster, client := newCluster(t)
	apply(t, cluster, scalePolicies)
	scale := func(replicas int32) (*autoscalingv1.Scale, error) {
		s := &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "bench"}, Spec: autoscalingv1.ScaleSpec{Replicas: replicas}}
		return client.AppsV1().Deployments("bench").UpdateScale(t.Context(), "web", s, metav1.UpdateOptions{})
	}
	now, err := scale(5)
	require.NoError(t, err)
	require.EqualValues(t, 4, now.Spec.Replicas)
	_, err = scale(9)
	require.EqualError(t, err, `deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'few' with binding 'few' denied request: Scale of autoscaling/v1: 4 to 8`)
	stored, err := client.AppsV1().Deployments("bench").Get(t.Context(), "web", metav1.GetOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 4, *stored.Spec.Replicas)
}

// TestPoliciesAboutCollections: as upstream, who deletes many objects at once
// names none, and hears the warnings about all.
func TestPoliciesAboutCollections(t *testing.T) {
	t.Parallel()
	cluster, client := newCluster(t)
	apply(t, cluster, `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: one-by-one}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [DELETE], resources: [configmaps]}]}
  validations: [{expression: "has(request.name)", messageExpression: "'not ' + oldObject.metadata.name"}]
---
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: b}, spec: {policyName: one-by-one, validationActions: [Deny]}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: one, namespace: default, labels: {of: mine}}}`)
	maps := client.CoreV1().ConfigMaps("default")
	err := maps.DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "of=mine"})
	require.EqualError(t, err, `configmaps "Unknown" is forbidden: ValidatingAdmissionPolicy 'one-by-one' with binding 'b' denied request: not one`)
	require.NoError(t, maps.Delete(t.Context(), "one", metav1.DeleteOptions{}))

	apply(t, cluster, `
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: b}, spec: {policyName: one-by-one, validationActions: [Warn]}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: two, namespace: default, labels: {of: mine}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: three, namespace: default, labels: {of: mine}}}`)
	var warned recorder
	loud := cluster.RESTConfig()
	loud.WarningHandler = &warned
	maps = kubernetes.NewForConfigOrDie(loud).CoreV1().ConfigMaps("default")
	require.NoError(t, maps.DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "of=mine"}))
	require.Equal(t, recorder{
		"Validation failed for ValidatingAdmissionPolicy 'one-by-one' with binding 'b': not three",
		"Validation failed for ValidatingAdmissionPolicy 'one-by-one' with binding 'b': not two",
	}, warned)
}
