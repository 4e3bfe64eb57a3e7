package wire_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

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
	} {
		require.Contains(t, text, line+"\n")
	}
	require.NotContains(t, text, "such")
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
