package minik8s_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/cert"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s"
	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/apiserver/wire"
	"github.com/minik8s/minik8s/reconcile"
)

// program is a webhook: a real HTTPS server that answers reviews.
type program struct {
	*httptest.Server
	asked atomic.Int32
}

type answerFunc func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse

func newProgram(t *testing.T, answer answerFunc) *program {
	p := &program{}
	handler := reviewer(answer)
	p.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		handler(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func reviewer(answer answerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var review admissionv1.AdmissionReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil || review.Request == nil {
			http.Error(w, "that is no review", http.StatusBadRequest)
			return
		}
		review.Response = answer(review.Request)
		if review.Response == nil {
			http.Error(w, "out of order", http.StatusInternalServerError)
			return
		}
		review.Response.UID = review.Request.UID
		review.Request = nil
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(review)
	}
}

// config is how the API server reaches the program.
func (p *program) config() admissionregistrationv1.WebhookClientConfig {
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})
	return admissionregistrationv1.WebhookClientConfig{URL: ptr.To(p.URL + "/hook"), CABundle: ca}
}

var allow = &admissionv1.AdmissionResponse{Allowed: true}

func patch(operations string) *admissionv1.AdmissionResponse {
	return &admissionv1.AdmissionResponse{Allowed: true, Patch: []byte(operations), PatchType: ptr.To(admissionv1.PatchTypeJSONPatch)}
}

func about(resource string) []admissionregistrationv1.RuleWithOperations {
	return []admissionregistrationv1.RuleWithOperations{{
		Operations: []admissionregistrationv1.OperationType{"*"},
		Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{resource}},
	}}
}

// validating registers one webhook about ConfigMaps.
func validating(t *testing.T, c kubernetes.Interface, w admissionregistrationv1.ValidatingWebhook) {
	t.Helper()
	w.Rules, w.AdmissionReviewVersions = about("configmaps"), []string{"v1"}
	if w.Name == "" {
		w.Name = "check.example.com"
	}
	if w.SideEffects == nil {
		w.SideEffects = ptr.To(admissionregistrationv1.SideEffectClassNone)
	}
	_, err := c.AdmissionregistrationV1().ValidatingWebhookConfigurations().Create(t.Context(), &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "check"}, Webhooks: []admissionregistrationv1.ValidatingWebhook{w},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
}

// mutating registers webhooks about some resource, in order.
func mutating(t *testing.T, c kubernetes.Interface, resource string, webhooks ...admissionregistrationv1.MutatingWebhook) {
	t.Helper()
	for i := range webhooks {
		w := &webhooks[i]
		w.Name, w.Rules, w.AdmissionReviewVersions = fmt.Sprintf("set%d.example.com", i), about(resource), []string{"v1"}
		w.SideEffects = ptr.To(admissionregistrationv1.SideEffectClassNone)
	}
	_, err := c.AdmissionregistrationV1().MutatingWebhookConfigurations().Create(t.Context(), &admissionregistrationv1.MutatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "set"}, Webhooks: webhooks,
	}, metav1.CreateOptions{})
	require.NoError(t, err)
}

func newCluster(t *testing.T) (*minik8s.Cluster, kubernetes.Interface) {
	t.Helper()
	c, err := minik8s.New(minik8s.Options{Seed: 1})
	require.NoError(t, err)
	settle(t, c)
	return c, kubernetes.NewForConfigOrDie(c.RESTConfig())
}

func put(c kubernetes.Interface, name string, data map[string]string) (*corev1.ConfigMap, error) {
	return c.CoreV1().ConfigMaps("default").Create(context.Background(),
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: data}, metav1.CreateOptions{})
}

func TestValidatingWebhook(t *testing.T) {
	t.Parallel()
	cluster, client := newCluster(t)
	p := newProgram(t, func(r *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		if r.Operation == admissionv1.Delete {
			return &admissionv1.AdmissionResponse{Result: &metav1.Status{Message: "it stays", Code: 409, Reason: metav1.StatusReasonConflict}}
		}
		var m corev1.ConfigMap
		if err := json.Unmarshal(r.Object.Raw, &m); err != nil || m.UID == "" {
			return nil
		}
		switch {
		case m.Data["bad"] == "yes":
			return &admissionv1.AdmissionResponse{Result: &metav1.Status{Message: "bad is not good"}}
		case m.Data["silent"] == "yes":
			return &admissionv1.AdmissionResponse{}
		case m.Data["broken"] == "yes":
			return nil
		}
		return &admissionv1.AdmissionResponse{Allowed: true, Warnings: []string{"looks odd"}}
	})
	validating(t, client, admissionregistrationv1.ValidatingWebhook{ClientConfig: p.config()})

	var warned recorder
	loud := cluster.RESTConfig()
	loud.WarningHandler = &warned
	_, err := put(kubernetes.NewForConfigOrDie(loud), "fine", nil)
	require.NoError(t, err)
	require.Equal(t, recorder{"looks odd"}, warned)

	_, err = put(client, "bad", map[string]string{"bad": "yes"})
	require.EqualError(t, err, `admission webhook "check.example.com" denied the request: bad is not good`)
	_, err = put(client, "silent", map[string]string{"silent": "yes"})
	require.EqualError(t, err, `admission webhook "check.example.com" denied the request without explanation`)
	_, err = put(client, "broken", map[string]string{"broken": "yes"})
	require.EqualError(t, err, `Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: an error on the server ("out of order") has prevented the request from succeeding`)
	err = client.CoreV1().ConfigMaps("default").Delete(t.Context(), "fine", metav1.DeleteOptions{})
	require.EqualError(t, err, `admission webhook "check.example.com" denied the request: it stays`)
	_, err = client.CoreV1().ConfigMaps("default").Get(t.Context(), "fine", metav1.GetOptions{})
	require.NoError(t, err)
}

type recorder []string

func (r *recorder) HandleWarningHeader(_ int, _, text string) { *r = append(*r, text) }

var _ rest.WarningHandler = (*recorder)(nil)

// TestUnreachableWebhook: what a failure means is the failure policy's to say.
func TestUnreachableWebhook(t *testing.T) {
	t.Parallel()
	closed := newProgram(t, func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse { return allow.DeepCopy() })
	closed.Close()
	address := strings.TrimPrefix(closed.URL, "https://")
	service := admissionregistrationv1.WebhookClientConfig{Service: &admissionregistrationv1.ServiceReference{Namespace: "default", Name: "hook"}}
	for name, test := range map[string]struct {
		config  admissionregistrationv1.WebhookClientConfig
		prepare string
		why     string
	}{
		"refused":    {config: closed.config(), why: fmt.Sprintf(`Post "%s/hook?timeout=3s": dial tcp %s: connect: connection refused`, closed.URL, address)},
		"no service": {config: service, why: `Post "https://hook.default.svc:443/?timeout=3s": service "hook" not found`},
		"no endpoints": {
			config: service, prepare: `{apiVersion: v1, kind: Service, metadata: {name: hook, namespace: default}, spec: {ports: [{port: 443}]}}`,
			why: `Post "https://hook.default.svc:443/?timeout=3s": no endpoints available for service "hook"`,
		},
		"a simulated pod": {
			config: service, prepare: `
{apiVersion: v1, kind: Service, metadata: {name: hook, namespace: default}, spec: {ports: [{port: 443}]}}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: hook, namespace: default, labels: {kubernetes.io/service-name: hook}}, addressType: IPv4, ports: [{name: "", port: 8443}], endpoints: [{addresses: [10.42.0.7], targetRef: {kind: Pod, namespace: default, name: hook}}]}`,
			why: `Post "https://hook.default.svc:443/?timeout=3s": dial tcp 10.42.0.7:8443: connect: connection refused`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			cluster, client := newCluster(t)
			if test.prepare != "" {
				apply(t, cluster, test.prepare)
			}
			webhook := admissionregistrationv1.ValidatingWebhook{ClientConfig: test.config, TimeoutSeconds: ptr.To[int32](3)}
			validating(t, client, webhook)
			_, err := put(client, "one", nil)
			require.EqualError(t, err, `Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: `+test.why)

			configurations := client.AdmissionregistrationV1().ValidatingWebhookConfigurations()
			current, err := configurations.Get(t.Context(), "check", metav1.GetOptions{})
			require.NoError(t, err)
			current.Webhooks[0].FailurePolicy = ptr.To(admissionregistrationv1.Ignore)
			_, err = configurations.Update(t.Context(), current, metav1.UpdateOptions{})
			require.NoError(t, err)
			_, err = put(client, "one", nil)
			require.NoError(t, err)
		})
	}
}

// TestWebhookBehindAService: an EndpointSlice leads to a program, which proves
// to be the Service.
func TestWebhookBehindAService(t *testing.T) {
	t.Parallel()
	chain, key, err := cert.GenerateSelfSignedCertKey("hook.default.svc", nil, nil)
	require.NoError(t, err)
	pair, err := tls.X509KeyPair(chain, key)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(reviewer(func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		return &admissionv1.AdmissionResponse{Result: &metav1.Status{Message: "reached"}}
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.StartTLS()
	t.Cleanup(server.Close)
	// No endpoint may be on the loopback, which is where a test's server is.
	var asked outside.Question
	asker := wire.NewAsker()
	cluster, err := minik8s.New(minik8s.Options{Ask: func(q outside.Question) outside.Answer {
		asked = q
		q.Address = server.Listener.Addr().String()
		return asker.Ask(q)
	}})
	require.NoError(t, err)
	client := kubernetes.NewForConfigOrDie(cluster.RESTConfig())
	apply(t, cluster, `
{apiVersion: v1, kind: Service, metadata: {name: hook, namespace: default}, spec: {ports: [{port: 443}]}}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: hook, namespace: default, labels: {kubernetes.io/service-name: hook}}, addressType: IPv4, ports: [{name: "", port: 8443}], endpoints: [{addresses: [192.0.2.7]}]}`)
	validating(t, client, admissionregistrationv1.ValidatingWebhook{ClientConfig: admissionregistrationv1.WebhookClientConfig{
		CABundle: chain, Service: &admissionregistrationv1.ServiceReference{Namespace: "default", Name: "hook"},
	}})
	_, err = put(client, "one", nil)
	require.EqualError(t, err, `admission webhook "check.example.com" denied the request: reached`)
	require.Equal(t, "192.0.2.7:8443", asked.Address)
}

func TestMutatingWebhooks(t *testing.T) {
	t.Parallel()
	_, client := newCluster(t)
	// The first notes how many keys it has seen, the second adds one.
	first := newProgram(t, func(r *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		var m corev1.ConfigMap
		_ = json.Unmarshal(r.Object.Raw, &m)
		if r.Operation != admissionv1.Create || m.Labels != nil {
			return allow.DeepCopy()
		}
		return patch(fmt.Sprintf(`[{"op":"add","path":"/metadata/annotations","value":{"seen":"%d"}}]`, len(m.Data)))
	})
	second := newProgram(t, func(r *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		return patch(`[{"op":"add","path":"/data","value":{"a":"1","b":"2"}}]`)
	})
	mutating(t, client, "configmaps",
		admissionregistrationv1.MutatingWebhook{ClientConfig: first.config(), ReinvocationPolicy: ptr.To(admissionregistrationv1.IfNeededReinvocationPolicy)},
		admissionregistrationv1.MutatingWebhook{ClientConfig: second.config()},
	)
	made, err := put(client, "one", map[string]string{"a": "0"})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"a": "1", "b": "2"}, made.Data)
	require.Equal(t, "2", made.Annotations["seen"], "asked again after the second")
	require.EqualValues(t, 2, first.asked.Load())
	require.EqualValues(t, 1, second.asked.Load())
}

// TestWebhookSelection: who is not meant is not asked.
func TestWebhookSelection(t *testing.T) {
	t.Parallel()
	deny := newProgram(t, func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		return &admissionv1.AdmissionResponse{}
	})
	onlyLabelled := &metav1.LabelSelector{MatchLabels: map[string]string{"checked": "yes"}}
	for name, test := range map[string]struct {
		webhook admissionregistrationv1.ValidatingWebhook
		dryRun  bool
		want    string
	}{
		"meant":              {want: `admission webhook "check.example.com" denied the request without explanation`},
		"object selector":    {webhook: admissionregistrationv1.ValidatingWebhook{ObjectSelector: onlyLabelled}},
		"namespace selector": {webhook: admissionregistrationv1.ValidatingWebhook{NamespaceSelector: onlyLabelled}},
		"match condition": {webhook: admissionregistrationv1.ValidatingWebhook{
			MatchConditions: []admissionregistrationv1.MatchCondition{{Name: "named", Expression: "object.metadata.name == 'other'"}},
		}},
		"broken match condition": {
			webhook: admissionregistrationv1.ValidatingWebhook{
				MatchConditions: []admissionregistrationv1.MatchCondition{{Name: "broken", Expression: "object.spec.replicas > 1"}},
			},
			want: `configmaps "one" is forbidden: expression 'object.spec.replicas > 1' resulted in error: no such key: spec`,
		},
		"side effects": {
			webhook: admissionregistrationv1.ValidatingWebhook{SideEffects: ptr.To(admissionregistrationv1.SideEffectClassNoneOnDryRun)},
			dryRun:  true, want: `admission webhook "check.example.com" denied the request without explanation`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, client := newCluster(t)
			test.webhook.ClientConfig = deny.config()
			validating(t, client, test.webhook)
			options := metav1.CreateOptions{}
			if test.dryRun {
				options.DryRun = []string{metav1.DryRunAll}
			}
			_, err := client.CoreV1().ConfigMaps("default").Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "one"}}, options)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, test.want)
		})
	}
}

// TestReplayNeedsNoWebhook: what a webhook said to a component is in the
// journal, so a world with one that never says the same twice can be replayed.
func TestReplayNeedsNoWebhook(t *testing.T) {
	t.Parallel()
	cluster, client := newCluster(t)
	var n atomic.Int32
	p := newProgram(t, func(r *admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		if r.Operation != admissionv1.Create || r.SubResource != "" {
			return allow.DeepCopy()
		}
		return patch(fmt.Sprintf(`[{"op":"add","path":"/metadata/labels/turn","value":"%d"}]`, n.Add(1)))
	})
	mutating(t, client, "pods", admissionregistrationv1.MutatingWebhook{ClientConfig: p.config()})
	apply(t, cluster, benchNamespace)
	deploy(t, cluster, 3, "1.22")
	pods := reconcile.Pods.List(viewOf(cluster), reconcile.InNamespace("bench"))
	require.Len(t, pods, 3)
	seen := map[string]bool{}
	for _, pod := range pods {
		seen[pod.Labels["turn"]] = true
	}
	require.Len(t, seen, 3)
	sent := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "sent-", Labels: map[string]string{"by": "client"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx"}}},
	}
	made, err := client.CoreV1().Pods("bench").Create(t.Context(), sent, metav1.CreateOptions{})
	require.NoError(t, err)
	require.NotEmpty(t, made.Labels["turn"])
	asked := p.asked.Load()
	p.Close()

	again, err := cluster.Replay(0)
	require.NoError(t, err)
	require.Equal(t, hash(t, cluster.Store()), hash(t, again.Store()))
	require.Equal(t, asked, p.asked.Load())
}

// TestABusyWorld: the object changes while the webhook thinks about it, time after
// time. The request comes to an end when that does, or when its time is over.
func TestABusyWorld(t *testing.T) {
	t.Parallel()
	var cluster *minik8s.Cluster
	var asked, busyFor int
	cluster, err := minik8s.New(minik8s.Options{Ask: func(q outside.Question) outside.Answer {
		if asked++; asked <= busyFor {
			_, err := cluster.Do(patchOne("busy", fmt.Sprintf(`{"data":{"busy":"%d"}}`, asked)))
			require.NoError(t, err)
		}
		var review admissionv1.AdmissionReview
		require.NoError(t, json.Unmarshal(q.Body, &review))
		review.Response = &admissionv1.AdmissionResponse{UID: review.Request.UID, Allowed: true}
		body, err := json.Marshal(review)
		require.NoError(t, err)
		return outside.Answer{Body: body}
	}})
	require.NoError(t, err)
	client := kubernetes.NewForConfigOrDie(cluster.RESTConfig())
	_, err = put(client, "one", nil)
	require.NoError(t, err)
	validating(t, client, admissionregistrationv1.ValidatingWebhook{
		ClientConfig:    admissionregistrationv1.WebhookClientConfig{URL: ptr.To("https://check.example.com/")},
		MatchConditions: []admissionregistrationv1.MatchCondition{{Name: "idle", Expression: "request.userInfo.username != 'busy'"}},
	})
	busyFor = 40
	_, err = cluster.Do(patchOne("tester", `{"data":{"idle":"yes"}}`))
	require.NoError(t, err)
	require.Equal(t, 41, asked)
	now, err := client.CoreV1().ConfigMaps("default").Get(t.Context(), "one", metav1.GetOptions{})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"busy": "40", "idle": "yes"}, now.Data)

	busyFor = math.MaxInt
	endless := patchOne("tester", `{"data":{"idle":"no"}}`)
	endless.Timeout = 20 * time.Millisecond
	_, err = cluster.Do(endless)
	require.ErrorIs(t, err, outside.ErrTooLate)
}

// TestAPatchMayNotChangeTheKind: what it makes has to take the object's place.
func TestAPatchMayNotChangeTheKind(t *testing.T) {
	t.Parallel()
	p := newProgram(t, func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
		return patch(`[{"op": "replace", "path": "/kind", "value": "Pod"}]`)
	})
	_, client := newCluster(t)
	mutating(t, client, "configmaps", admissionregistrationv1.MutatingWebhook{ClientConfig: p.config()})
	_, err := put(client, "one", nil)
	require.EqualError(t, err, "converting (v1.Pod) to (core.ConfigMap): unknown conversion")
	requireStatus(t, err, 500, metav1.StatusReasonUnknown)
}

// TestReviewsAreNobodysBusiness: a broken webhook about everything does not keep
// anybody from asking who they are and what they may do.
func TestReviewsAreNobodysBusiness(t *testing.T) {
	t.Parallel()
	_, client := newCluster(t)
	everything := []admissionregistrationv1.RuleWithOperations{{
		Operations: []admissionregistrationv1.OperationType{"*"},
		Rule:       admissionregistrationv1.Rule{APIGroups: []string{"*"}, APIVersions: []string{"*"}, Resources: []string{"*/*"}},
	}}
	broken := admissionregistrationv1.WebhookClientConfig{Service: &admissionregistrationv1.ServiceReference{Namespace: "default", Name: "nobody"}}
	_, err := client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Create(t.Context(), &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "broken"},
		Webhooks: []admissionregistrationv1.ValidatingWebhook{{
			Name: "broken.example.com", ClientConfig: broken, Rules: everything, AdmissionReviewVersions: []string{"v1"},
			SideEffects: ptr.To(admissionregistrationv1.SideEffectClassNone),
		}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = put(client, "one", nil)
	require.ErrorContains(t, err, "failed calling webhook")
	_, err = client.AuthenticationV1().SelfSubjectReviews().Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	require.NoError(t, err)
	may := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "get", Resource: "pods"},
	}}
	_, err = client.AuthorizationV1().SelfSubjectAccessReviews().Create(t.Context(), may, metav1.CreateOptions{})
	require.NoError(t, err)
	require.NoError(t, client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Delete(t.Context(), "broken", metav1.DeleteOptions{}), "it can be mended")
}

func patchOne(user, body string) apiserver.Request {
	return apiserver.Request{
		Verb: apiserver.Patch, Resource: corev1.SchemeGroupVersion.WithResource("configmaps"), Namespace: "default", Name: "one",
		Patch: []byte(body), PatchType: types.MergePatchType, User: apiserver.User{Name: user, Groups: []string{"system:masters"}},
	}
}

// TestWebhooksCannotBreakManagers: what they make of managedFields counts only
// if it can be read.
func TestWebhooksCannotBreakManagers(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]struct {
		manager string
		warned  recorder
	}{
		`{"op": "replace", "path": "/metadata/managedFields/0/manager", "value": "hook"}`: {manager: "hook"},
		`{"op": "remove", "path": "/metadata/managedFields/0/fieldsType"}`: {
			manager: "minik8s.test",
			warned:  recorder{".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: missing fieldsType in managed fields entry 0"},
		},
	} {
		p := newProgram(t, func(*admissionv1.AdmissionRequest) *admissionv1.AdmissionResponse {
			return patch("[" + operation + "]")
		})
		cluster, client := newCluster(t)
		mutating(t, client, "configmaps", admissionregistrationv1.MutatingWebhook{Name: "break.example.com", ClientConfig: p.config()})
		var warned recorder
		loud := cluster.RESTConfig()
		loud.WarningHandler = &warned
		made, err := put(kubernetes.NewForConfigOrDie(loud), "one", map[string]string{"a": "1"})
		require.NoError(t, err)
		require.Equal(t, want.warned, warned)
		require.Len(t, made.ManagedFields, 1)
		require.Equal(t, want.manager, made.ManagedFields[0].Manager)
	}
}
