package wire_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/apiserver/wire"
)

func TestMetrics(t *testing.T) {
	w := newWorld(t)
	w.putConfigMap("a", "")
	w.send("GET", configMaps+"/none", "")
	w.send("GET", configMaps, "")
	w.send("GET", "/apis/no/such/thing", "")
	w.watch("/api/v1/pods?watch=1&resourceVersion=1")
	text := w.mustSend("GET", "/metrics", "")
	for _, line := range []string{
		`apiserver_request_total{code="404",component="apiserver",dry_run="",group="",resource="configmaps",scope="resource",subresource="",verb="GET",version="v1"} 1`,
		`apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="configmaps",scope="namespace",subresource="",verb="LIST",version="v1"} 1`,
		`apiserver_request_duration_seconds_count{component="apiserver",dry_run="",group="",resource="configmaps",scope="namespace",subresource="",verb="LIST",version="v1"} 1`,
		`apiserver_longrunning_requests{component="apiserver",group="",resource="pods",scope="cluster",subresource="",verb="WATCH",version="v1"} 1`,
		`apiserver_current_inflight_requests{request_kind="readOnly"} 1`, // this one
		`minik8s_watchers 1`,
		`apiserver_flowcontrol_nominal_limit_seats{priority_level="catch-all"} 13`,
		`apiserver_flowcontrol_nominal_limit_seats{priority_level="exempt"} 0`,
	} {
		require.Contains(t, text, line+"\n")
	}
	require.NotContains(t, text, "such")
}

// Service level indicators are made of the checks that somebody has asked for.
func TestServiceLevelIndicators(t *testing.T) {
	w := newWorld(t)
	w.mustSend("GET", "/readyz", "")
	w.mustSend("GET", "/readyz", "")
	w.mustSend("GET", "/readyz/ping", "")
	text := w.mustSend("GET", "/metrics/slis", "")
	require.Contains(t, text, `kubernetes_healthcheck{name="etcd",type="readyz"} 1`)
	require.Contains(t, text, `kubernetes_healthchecks_total{name="ping",status="success",type="readyz"} 2`)
	require.NotContains(t, text, "livez")
	require.Contains(t, text, "process_start_time_seconds")
}

// auditLines are the events that were written, a line each, in a few words.
func auditLines(t *testing.T, log *bytes.Buffer) (events []auditv1.Event) {
	for line := range strings.Lines(log.String()) {
		var e auditv1.Event
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		events = append(events, e)
	}
	log.Reset()
	return events
}

func TestAudit(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t, func(c *wire.Config) { c.Audit = &log })
	w.send("POST", configMaps, `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}`, "User-Agent: test/1", "Audit-ID: 1")
	events := auditLines(t, &log)
	require.Len(t, events, 2)
	require.Equal(t, auditv1.Stage("RequestReceived"), events[0].Stage)
	require.Empty(t, events[0].ObjectRef.Name, "the body has not been read yet")
	require.Nil(t, events[0].ResponseStatus)
	done := events[1]
	require.Equal(t, "audit.k8s.io/v1 Event Metadata", done.APIVersion+" "+done.Kind+" "+string(done.Level))
	require.Equal(t, "1 ResponseComplete create test/1 "+configMaps, string(done.AuditID)+" "+string(done.Stage)+" "+done.Verb+" "+done.UserAgent+" "+done.RequestURI)
	require.Equal(t, auditv1.ObjectReference{Resource: "configmaps", Namespace: "default", Name: "a", APIVersion: "v1"}, *done.ObjectRef)
	require.EqualValues(t, 201, done.ResponseStatus.Code)
	require.Equal(t, "kubernetes-admin", done.User.Username)
	require.Contains(t, done.User.Groups, "system:authenticated")
	require.Equal(t, "allow", done.Annotations["authorization.k8s.io/decision"])
	require.Equal(t, []string{"127.0.0.1"}, done.SourceIPs)

	w.send("GET", configMaps+"/none", "")
	done = auditLines(t, &log)[1]
	require.EqualValues(t, 404, done.ResponseStatus.Code)
	require.EqualValues(t, "NotFound", done.ResponseStatus.Reason)
	require.Equal(t, "none", done.ResponseStatus.Details.Name)

	w.send("GET", "/version", "")
	require.Nil(t, auditLines(t, &log)[1].ObjectRef)
}

// What else the audit log says of a request, in the annotations of its last
// event.
func TestAuditAnnotations(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t, func(c *wire.Config) { c.Audit = &log })
	w.mustSend("PATCH", "/api/v1/namespaces/default", `{"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"baseline","pod-security.kubernetes.io/audit":"restricted"}}}`, "Content-Type: application/merge-patch+json")
	log.Reset()
	last := func() map[string]string {
		events := auditLines(t, &log)
		require.Empty(t, events[0].Annotations)
		return events[len(events)-1].Annotations
	}
	allowed := func(more map[string]string) map[string]string {
		more["authorization.k8s.io/decision"] = "allow"
		more["authorization.k8s.io/reason"] = `RBAC: allowed by ClusterRoleBinding "kubeadm:cluster-admins" of ClusterRole "cluster-admin" to Group "kubeadm:cluster-admins"`
		return more
	}
	const pod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"nginx"}]}}`
	w.mustSend("POST", "/api/v1/namespaces/default/pods", pod)
	require.Equal(t, allowed(map[string]string{
		"pod-security.kubernetes.io/enforce-policy":   "baseline:latest",
		"pod-security.kubernetes.io/audit-violations": `would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`,
	}), last())
	w.send("POST", "/api/v1/namespaces/default/pods", strings.Replace(pod, `"containers"`, `"hostNetwork":true,"containers"`, 1))
	require.Equal(t, "baseline:latest", last()["pod-security.kubernetes.io/enforce-policy"], "also of what is refused")
	w.mustSend("POST", "/api/v1/namespaces/kube-system/pods", pod)
	require.Equal(t, allowed(map[string]string{"pod-security.kubernetes.io/enforce-policy": "privileged:latest"}), last())
	w.mustSend("GET", "/api/v1/namespaces/default/endpoints", "")
	require.Equal(t, allowed(map[string]string{"k8s.io/deprecated": "true"}), last())
	w.mustSend("POST", "/api/v1/namespaces/default/serviceaccounts", `{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"robot"}}`)
	log.Reset()
	token := parse(t, w.mustSend("POST", "/api/v1/namespaces/default/serviceaccounts/robot/token", `{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}`))
	require.Regexp(t, `^JTI=[0-9a-f-]{36}$`, last()["authentication.kubernetes.io/issued-credential-id"])

	r := httptest.NewRequestWithContext(t.Context(), "GET", configMaps, nil)
	r.Header.Set("Authorization", "Bearer "+dig(t, token, "status", "token").(string))
	w.handler.ServeHTTP(httptest.NewRecorder(), r)
	refused := auditLines(t, &log)[1]
	require.Equal(t, map[string]string{"authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": ""}, refused.Annotations)
	require.Equal(t, "system:serviceaccount:default:robot", refused.User.Username)
	require.EqualValues(t, "Forbidden", refused.ResponseStatus.Reason)
}

// A request of nobody that is known has one stage, one that is made in somebody
// else's name says so.
func TestAuditWhoAsks(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t, func(c *wire.Config) { c.Audit = &log })
	r := httptest.NewRequestWithContext(t.Context(), "GET", configMaps, nil)
	r.Header.Set("Authorization", "Bearer nobodys")
	w.handler.ServeHTTP(httptest.NewRecorder(), r)
	events := auditLines(t, &log)
	require.Len(t, events, 1)
	require.Equal(t, auditv1.StageResponseStarted, events[0].Stage)
	require.Equal(t, metav1.Status{Status: "Failure", Message: "Unauthorized", Reason: "Unauthorized", Code: 401}, *events[0].ResponseStatus)
	require.Empty(t, events[0].User.Username)
	require.Equal(t, "configmaps", events[0].ObjectRef.Resource)

	w.impersonate(admin, http.Header{"Impersonate-User": {"bob"}})
	events = auditLines(t, &log)
	require.Nil(t, events[0].ImpersonatedUser)
	require.Equal(t, []string{"system:authenticated"}, events[1].ImpersonatedUser.Groups)
	require.Equal(t, "impersonate:user-info", events[1].AuthenticationMetadata.ImpersonationConstraint)
	require.Equal(t, "forbid", events[1].Annotations["authorization.k8s.io/decision"])

	w.impersonate(apiserver.User{Name: "eve"}, http.Header{"Impersonate-User": {"bob"}})
	events = auditLines(t, &log)
	require.Len(t, events, 2)
	require.Nil(t, events[1].ImpersonatedUser)
	require.EqualValues(t, 403, events[1].ResponseStatus.Code)
	require.Empty(t, events[1].Annotations, "nobody was asked about the request itself")
}

// A watch is written down when it begins and when it ends.
func TestAuditOfWatch(t *testing.T) {
	var log bytes.Buffer
	w := newWorld(t, func(c *wire.Config) { c.Audit = &log })
	w.mustSend("GET", configMaps+"?watch=1&timeoutSeconds=1", "")
	var stages []auditv1.Stage
	for _, e := range auditLines(t, &log) {
		stages = append(stages, e.Stage)
	}
	require.Equal(t, []auditv1.Stage{auditv1.StageRequestReceived, auditv1.StageResponseStarted, auditv1.StageResponseComplete}, stages)
}
