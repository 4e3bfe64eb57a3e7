package minik8s_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/minik8s/minik8s/reconcile"
)

const configMapsOnly = `matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}]}`

// limit is a policy with a parameter: how many keys a ConfigMap may have.
const limit = `
{apiVersion: v1, kind: ConfigMap, metadata: {name: limits, namespace: kube-system}, data: {keys: "1"}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: limit}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  ` + configMapsOnly + `
  matchConditions: [{name: not-the-parameters, expression: object.metadata.name != 'limits'}]
  variables: [{name: keys, expression: "has(object.data) ? size(object.data) : 0"}]
  validations:
  - expression: variables.keys <= int(params.data.keys)
    messageExpression: "'too many keys: ' + string(variables.keys)"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: one-key}
spec:
  policyName: limit
  paramRef: {name: limits, namespace: kube-system, parameterNotFoundAction: Deny}
  validationActions: [Deny]
`

func TestValidatingPolicyWithParameter(t *testing.T) {
	t.Parallel()
	cluster, client := newCluster(t)
	apply(t, cluster, limit)
	_, err := put(client, "small", map[string]string{"a": "1"})
	require.NoError(t, err)
	_, err = put(client, "large", map[string]string{"a": "1", "b": "2"})
	require.EqualError(t, err, `configmaps "large" is forbidden: ValidatingAdmissionPolicy 'limit' with binding 'one-key' denied request: too many keys: 2`)
	requireStatus(t, err, 422, metav1.StatusReasonInvalid)

	remove(t, cluster, reconcile.ConfigMaps.GroupResource, "kube-system", "limits")
	_, err = put(client, "small2", nil)
	require.EqualError(t, err, "configmaps \"small2\" is forbidden: ValidatingAdmissionPolicy 'limit' with binding 'one-key' denied request: failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction")
}

func requireStatus(t *testing.T, err error, code int32, reason metav1.StatusReason) {
	t.Helper()
	var status interface{ Status() metav1.Status }
	require.ErrorAs(t, err, &status)
	require.Equal(t, code, status.Status().Code)
	require.Equal(t, reason, status.Status().Reason)
}

// policyTest is one validating policy and what it makes of a ConfigMap
// "default/one" with the data {a: "1"}.
type policyTest struct {
	spec     string // of the policy, without its constraints
	binding  string // its spec, but for the policy's name
	want     string // the error
	warnings recorder
}

func TestValidatingPolicies(t *testing.T) {
	t.Parallel()
	const deny = `validationActions: [Deny]`
	for name, test := range map[string]policyTest{
		"passes":  {spec: `{validations: [{expression: "object.data.a == '1'"}]`, binding: deny},
		"message": {spec: `{validations: [{expression: "false", message: never, reason: Forbidden}]`, binding: deny, want: `configmaps "one" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: never`},
		"expression as message": {spec: `{validations: [{expression: "object.data.a == '2'"}]`, binding: deny,
			want: `configmaps "one" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed expression: object.data.a == '2'`},
		"warns":            {spec: `{validations: [{expression: "false", message: never}]`, binding: `validationActions: [Warn, Audit]`, warnings: recorder{"Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': never"}},
		"runtime error":    {spec: `{validations: [{expression: "object.data.b == '1'"}]`, binding: deny, want: `configmaps "one" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: expression 'object.data.b == '1'' resulted in error: no such key: b`},
		"ignored error":    {spec: `{failurePolicy: Ignore, validations: [{expression: "object.data.b == '1'"}]`, binding: deny},
		"unmet condition":  {spec: `{matchConditions: [{name: other, expression: "request.name == 'two'"}], validations: [{expression: "false"}]`, binding: deny},
		"other namespace":  {spec: `{validations: [{expression: "false"}]`, binding: deny + `, matchResources: {namespaceSelector: {matchLabels: {checked: "yes"}}}`},
		"namespace object": {spec: `{validations: [{expression: "namespaceObject.metadata.name == 'default'"}]`, binding: deny},
		"authorizer":       {spec: `{validations: [{expression: "authorizer.group('').resource('pods').namespace('default').check('create').allowed()"}]`, binding: deny},
		"authorizer, somebody else": {spec: `{validations: [{expression: "authorizer.serviceAccount('default', 'default').group('').resource('pods').check('create').allowed()", message: not them}]`, binding: deny,
			want: `configmaps "one" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: not them`},
	} {
		t.Run(name, func(t *testing.T) {
			cluster, _ := newCluster(t)
			apply(t, cluster, `
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: p}, spec: `+test.spec+`, `+configMapsOnly+`}}
---
{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: b}, spec: {policyName: p, `+test.binding+`}}`)
			var warned recorder
			config := cluster.RESTConfig()
			config.WarningHandler = &warned
			_, err := put(kubernetes.NewForConfigOrDie(config), "one", map[string]string{"a": "1"})
			if test.want == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, test.want)
			}
			require.Equal(t, test.warnings, warned)
		})
	}
}

func TestMutatingPolicies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mutation string
		want     string // the error
		check    func(*testing.T, *corev1.ConfigMap)
	}{
		"apply configuration": {
			mutation: `{patchType: ApplyConfiguration, applyConfiguration: {expression: "Object{metadata: Object.metadata{labels: {'seen': object.metadata.name}}}"}}`,
			check: func(t *testing.T, m *corev1.ConfigMap) {
				require.Equal(t, map[string]string{"seen": "one"}, m.Labels)
				require.Equal(t, map[string]string{"a": "1"}, m.Data)
			},
		},
		"JSON patch": {
			mutation: `{patchType: JSONPatch, jsonPatch: {expression: "[JSONPatch{op: 'replace', path: '/data/a', value: '2'}]"}}`,
			check:    func(t *testing.T, m *corev1.ConfigMap) { require.Equal(t, map[string]string{"a": "2"}, m.Data) },
		},
		"error": {
			mutation: `{patchType: JSONPatch, jsonPatch: {expression: "[JSONPatch{op: 'replace', path: '/data/a', value: object.data.b}]"}}`,
			want:     `policy 'p' with binding 'b' denied request: expression '[JSONPatch{op: 'replace', path: '/data/a', value: object.data.b}]' resulted in error: no such key: b`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			cluster, client := newCluster(t)
			apply(t, cluster, `
{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingAdmissionPolicy, metadata: {name: p}, spec: {reinvocationPolicy: Never, mutations: [`+test.mutation+`], `+configMapsOnly+`}}
---
{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingAdmissionPolicyBinding, metadata: {name: b}, spec: {policyName: p}}`)
			made, err := put(client, "one", map[string]string{"a": "1"})
			if test.want != "" {
				require.EqualError(t, err, test.want)
				return
			}
			require.NoError(t, err)
			test.check(t, made)
			stored, err := client.CoreV1().ConfigMaps("default").Get(t.Context(), "one", metav1.GetOptions{})
			require.NoError(t, err)
			test.check(t, stored)
		})
	}
}
