package minik8s_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
)

func web() *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx"}}},
	}
}

func execute(t *testing.T, client kubernetes.Interface, command string) error {
	return client.CoreV1().RESTClient().Post().Namespace("default").Resource("pods").Name("web").SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Command: []string{command}, Stdout: true}, scheme.ParameterCodec).Do(t.Context()).Error()
}

// What is not stored passes admission too: connections, tokens and evictions.
func TestWebhookSeesWhatIsNotStored(t *testing.T) {
	t.Parallel()
	cluster, client := newCluster(t)
	_, err := client.CoreV1().Pods("default").Create(t.Context(), web(), metav1.CreateOptions{})
	require.NoError(t, err)
	settle(t, cluster)
	p := newProgram(t, func(r *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		var shown struct {
			Kind, APIVersion string
			Command          []string
			Path             string
			Metadata         metav1.ObjectMeta
		}
		if err := json.Unmarshal(r.Object.Raw, &shown); err != nil {
			return nil
		}
		return &admissionv1.AdmissionResponse{Result: &metav1.Status{Message: fmt.Sprintf("%s %s/%s %s: %s %v %s %s", r.Operation,
			r.Resource.Resource, r.SubResource, r.Name, shown.Kind, shown.Command, shown.Path, shown.Metadata.Name)}}
	})
	_, err = client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Create(t.Context(), &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "check"}, Webhooks: []admissionregistrationv1.ValidatingWebhook{{
			Name: "check.example.com", ClientConfig: p.config(), AdmissionReviewVersions: []string{"v1"}, SideEffects: new(admissionregistrationv1.SideEffectClassNone),
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Connect, admissionregistrationv1.Create},
				Rule: admissionregistrationv1.Rule{
					APIGroups: []string{"", "authorization.k8s.io"}, APIVersions: []string{"v1"},
					Resources: []string{"pods/exec", "pods/proxy", "pods/eviction", "pods/binding", "bindings", "serviceaccounts/token", "subjectaccessreviews"},
				},
			}},
		}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)

	const refused = `admission webhook "check.example.com" denied the request: `
	require.EqualError(t, execute(t, client, "ls"), refused+"CONNECT pods/exec web: PodExecOptions [ls]  ")
	err = client.CoreV1().RESTClient().Get().Namespace("default").Resource("pods").Name("web").SubResource("proxy").Suffix("a/b").Do(t.Context()).Error()
	require.EqualError(t, err, refused+"CONNECT pods/proxy web: PodProxyOptions [] /a/b ")
	_, err = client.CoreV1().ServiceAccounts("default").CreateToken(t.Context(), "default", &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	require.EqualError(t, err, refused+"CREATE serviceaccounts/token default: TokenRequest []  default")
	err = client.CoreV1().Pods("default").EvictV1(t.Context(), &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: "default"}})
	require.EqualError(t, err, refused+"CREATE pods/eviction web: Eviction []  web")
	_, err = client.AuthorizationV1().SubjectAccessReviews().Create(t.Context(), &authorizationv1.SubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{User: "eve", NonResourceAttributes: &authorizationv1.NonResourceAttributes{Path: "/", Verb: "get"}},
	}, metav1.CreateOptions{})
	require.NoError(t, err, "webhooks have no say about reviews")
	binding := &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Target: corev1.ObjectReference{Kind: "Node", Name: "node-1"}}
	err = client.CoreV1().RESTClient().Post().Namespace("default").Resource("bindings").Body(binding).Do(t.Context()).Error()
	require.EqualError(t, err, refused+"CREATE bindings/ web: Binding []  web")
	err = client.CoreV1().Pods("default").Bind(t.Context(), binding, metav1.CreateOptions{})
	require.EqualError(t, err, refused+"CREATE pods/binding web: Binding []  web")
	require.EqualValues(t, 6, p.asked.Load())
}

func TestPolicySeesConnections(t *testing.T) {
	t.Parallel()
	cluster, client := newCluster(t)
	_, err := client.CoreV1().Pods("default").Create(t.Context(), web(), metav1.CreateOptions{})
	require.NoError(t, err)
	apply(t, cluster, `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-shells}
spec:
  matchConstraints: {resourceRules: [
    {apiGroups: [""], apiVersions: [v1], operations: [CONNECT], resources: [pods/exec]},
    {apiGroups: [authorization.k8s.io], apiVersions: [v1], operations: [CREATE], resources: ["*"]}]}
  validations:
  - expression: object.command[0] != 'sh'
    message: no shells
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-shells}
spec: {policyName: no-shells, validationActions: [Deny]}
`)
	settle(t, cluster)
	require.EqualError(t, execute(t, client, "sh"), `pods "web" is forbidden: ValidatingAdmissionPolicy 'no-shells' with binding 'no-shells' denied request: no shells`)
	require.NotContains(t, fmt.Sprint(execute(t, client, "ls")), "forbidden")

	// No policy has a say about questions, or nobody could mend it.
	_, err = client.AuthorizationV1().SelfSubjectRulesReviews().Create(t.Context(),
		&authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: "default"}}, metav1.CreateOptions{})
	require.NoError(t, err)
}
