package minik8s_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s"
)

// What is wrong with a policy's expressions is told in its status, for built-in
// types, custom ones and parameters.
func TestPolicyTypeChecking(t *testing.T) {
	t.Parallel()
	cluster, client := newCluster(t)
	apply(t, cluster, `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shelves.example.com}
spec:
  group: example.com
  names: {plural: shelves, singular: shelf, kind: Shelf}
  scope: Namespaced
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {width: {type: integer}}}}}}}]
`)
	settle(t, cluster)
	for _, test := range []struct{ name, group, resource, spec, where, want string }{
		{name: "right", group: "apps", resource: "deployments", spec: `validations: [{expression: object.spec.replicas > 1}]`},
		{name: "no-such-field", group: "apps", resource: "deployments", spec: `validations: [{expression: "true"}, {expression: object.spec.replicasss > 1}]`,
			where: "spec.validations[1].expression", want: "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replicasss'\n | object.spec.replicasss > 1\n | ...........^\n"},
		{name: "message", group: "", resource: "configmaps", spec: `validations: [{expression: "true", messageExpression: string(object.datum)}]`,
			where: "spec.validations[0].messageExpression", want: "/v1, Kind=ConfigMap: ERROR: <input>:1:14: undefined field 'datum'\n | string(object.datum)\n | .............^\n"},
		{name: "names-of-types", group: "", resource: "configmaps", spec: `validations: [{expression: object == 'ConfigMap1'}]`,
			where: "spec.validations[0].expression", want: "/v1, Kind=ConfigMap: ERROR: <input>:1:8: found no matching overload for '_==_' applied to '(ConfigMap, string)'\n | object == 'ConfigMap1'\n | .......^\n"},
		{name: "custom", group: "example.com", resource: "shelves", spec: `validations: [{expression: object.spec.width == 'wide'}]`,
			where: "spec.validations[0].expression", want: "example.com/v1, Kind=Shelf: ERROR: <input>:1:19: found no matching overload for '_==_' applied to '(int, string)'\n | object.spec.width == 'wide'\n | ..................^\n"},
		{name: "parameter", group: "", resource: "configmaps", spec: "paramKind: {apiVersion: example.com/v1, kind: Shelf}\n  validations: [{expression: params.spec.height > 1}]",
			where: "spec.validations[0].expression", want: "/v1, Kind=ConfigMap: ERROR: <input>:1:12: undefined field 'height'\n | params.spec.height > 1\n | ...........^\n"},
		{name: "unknown", group: "example.com", resource: "tables", spec: `validations: [{expression: object.nothing == 1}]`},
	} {
		apply(t, cluster, `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: `+test.name+`}
spec:
  matchConstraints: {resourceRules: [{apiGroups: ["`+test.group+`"], apiVersions: [v1], operations: ["*"], resources: [`+test.resource+`]}]}
  `+test.spec+`
`)
		settle(t, cluster)
		policy, err := client.AdmissionregistrationV1().ValidatingAdmissionPolicies().Get(t.Context(), test.name, metav1.GetOptions{})
		require.NoError(t, err)
		require.Equal(t, policy.Generation, policy.Status.ObservedGeneration, test.name)
		var want []admissionregistrationv1.ExpressionWarning
		if test.want != "" {
			want = []admissionregistrationv1.ExpressionWarning{{FieldRef: test.where, Warning: test.want}}
		}
		require.Equal(t, want, policy.Status.TypeChecking.ExpressionWarnings, test.name)
	}
	require.Empty(t, forbidden(cluster.Trace(minik8s.TraceOptions{})))
}
