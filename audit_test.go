package minik8s_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/minik8s/minik8s"
)

// What webhooks and policies tell the audit log is in the annotations of the
// last event of a request, also if it is refused.
func TestAuditOfAdmission(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	cluster, err := minik8s.New(minik8s.Options{Seed: 1, AuditLog: &log})
	require.NoError(t, err)
	settle(t, cluster)
	client := kubernetes.NewForConfigOrDie(cluster.RESTConfig())
	apply(t, cluster, `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: keys}
spec:
  `+configMapsOnly+`
  validations:
  - expression: "true"
  - expression: size(object.data) < 2
    message: too many
  auditAnnotations:
  - {key: count, valueExpression: "'has ' + string(size(object.data))"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: keys}
spec: {policyName: keys, validationActions: [Audit]}
`)
	sets := newProgram(t, func(r *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		response := patch(`[{"op": "add", "path": "/data/b", "value": "2"}]`)
		response.AuditAnnotations = map[string]string{"why": "because", "not a name": "dropped"}
		return response
	})
	mutating(t, client, "configmaps",
		admissionregistrationv1.MutatingWebhook{ClientConfig: admissionregistrationv1.WebhookClientConfig{URL: new("https://127.0.0.1:1/gone")}, FailurePolicy: new(admissionregistrationv1.Ignore)},
		admissionregistrationv1.MutatingWebhook{ClientConfig: sets.config()})
	checks := newProgram(t, func(r *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		return &admissionv1.AdmissionResponse{Allowed: false, AuditAnnotations: map[string]string{"verdict": "no"}, Warnings: []string{"think again"}}
	})
	validating(t, client, admissionregistrationv1.ValidatingWebhook{ClientConfig: checks.config()})

	log.Reset()
	var warnings recorder
	config := cluster.RESTConfig()
	config.WarningHandler = &warnings
	_, err = put(kubernetes.NewForConfigOrDie(config), "one", map[string]string{"a": "1"})
	require.Error(t, err)
	require.Equal(t, recorder{"think again"}, warnings, "refused or not")
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	var event auditv1.Event
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &event))
	delete(event.Annotations, "authorization.k8s.io/decision")
	delete(event.Annotations, "authorization.k8s.io/reason")
	require.Equal(t, map[string]string{
		"failed-open.mutation.webhook.admission.k8s.io/round_0_index_0": "set0.example.com",
		"mutation.webhook.admission.k8s.io/round_0_index_0":             `{"configuration":"set","webhook":"set0.example.com","mutated":false}`,
		"mutation.webhook.admission.k8s.io/round_0_index_1":             `{"configuration":"set","webhook":"set1.example.com","mutated":true}`,
		"set1.example.com/why":                                          "because",
		"check.example.com/verdict":                                     "no",
		"keys/count":                                                    "has 2",
		"validation.policy.admission.k8s.io/validation_failure":         `[{"message":"too many","policy":"keys","binding":"keys","expressionIndex":1,"validationActions":["Audit"]}]`,
	}, event.Annotations)
}
