package apiserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/apiserver/auth"
)

// flowNames are the names behind a Flow's UIDs.
func (w *world) flowNames(a auth.Attributes) string {
	f := w.FlowOf(&a)
	var names [2]string
	for o := range w.Store.Snapshot().List(flowSchemas, "") {
		if o.Value.(*flowcontrolv1.FlowSchema).UID == f.Schema {
			names[0] = o.Name
		}
	}
	for o := range w.Store.Snapshot().List(priorityLevels, "") {
		if o.Value.(*flowcontrolv1.PriorityLevelConfiguration).UID == f.Level {
			names[1] = o.Name
		}
	}
	return names[0] + " " + names[1]
}

func TestFlowOf(t *testing.T) {
	w := newEmptyWorld(t)
	require.NoError(t, w.Bootstrap())
	authenticated := func(name string, groups ...string) *User {
		u := auth.Authenticated(User{Name: name, Groups: groups})
		return &u
	}
	eve, anonymous := authenticated("eve"), auth.Anonymous()
	for _, tt := range []struct {
		asked auth.Attributes
		want  string
	}{
		{auth.Attributes{User: authenticated("root", "system:masters"), Verb: "list", Resource: "pods"}, "exempt exempt"},
		{auth.Attributes{User: eve, Verb: "list", Resource: "pods", Namespace: "dev"}, "global-default global-default"},
		{auth.Attributes{User: eve, Verb: "list", Resource: "pods"}, "global-default global-default"},
		{auth.Attributes{User: eve, Verb: "get", Path: "/livez"}, "probes exempt"},
		{auth.Attributes{User: &anonymous, Verb: "get", Path: "/healthz"}, "probes exempt"},
		{auth.Attributes{User: &anonymous, Verb: "get", Path: "/healthz/etcd"}, "probes exempt"},
		{auth.Attributes{User: &anonymous, Verb: "get", Path: "/healthzz"}, "global-default global-default"},
		{auth.Attributes{User: authenticated("system:node:n", "system:nodes"), Verb: "patch", Resource: "nodes", Subresource: "status", Name: "n"}, "system-node-high node-high"},
		{auth.Attributes{User: authenticated("system:node:n", "system:nodes"), Verb: "get", Resource: "secrets", Namespace: "dev"}, "system-nodes system"},
		{auth.Attributes{User: authenticated("system:kube-scheduler"), Verb: "update", Group: "coordination.k8s.io", Resource: "leases", Namespace: "kube-system"}, "system-leader-election leader-election"},
		{auth.Attributes{User: authenticated("system:kube-scheduler"), Verb: "create", Resource: "pods", Subresource: "binding", Namespace: "dev"}, "kube-scheduler workload-high"},
		{auth.Attributes{User: authenticated("system:serviceaccount:kube-system:deployment-controller"), Verb: "create", Group: "apps", Resource: "replicasets", Namespace: "dev"}, "kube-system-service-accounts workload-high"},
		{auth.Attributes{User: authenticated("system:serviceaccount:dev:robot", "system:serviceaccounts"), Verb: "list", Resource: "pods"}, "service-accounts workload-low"},
		{auth.Attributes{User: &User{Name: "nobody"}, Verb: "list", Resource: "pods"}, " "},
	} {
		require.Equal(t, tt.want, w.flowNames(tt.asked), "%s %+v", tt.asked.User.Name, tt.asked)
	}
}

// A new schema counts at once, and one whose level does not exist does not count.
func TestFlowOfOwnSchemas(t *testing.T) {
	w := newEmptyWorld(t)
	require.NoError(t, w.Bootstrap())
	u := auth.Authenticated(User{Name: "eve"})
	asked := auth.Attributes{User: &u, Verb: "get", Resource: "pods", Subresource: "log", Namespace: "dev", Name: "web"}
	require.Equal(t, "global-default global-default", w.flowNames(asked))
	schema := func(name, level string) *flowcontrolv1.FlowSchema {
		return &flowcontrolv1.FlowSchema{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec: flowcontrolv1.FlowSchemaSpec{
				MatchingPrecedence:         100,
				PriorityLevelConfiguration: flowcontrolv1.PriorityLevelConfigurationReference{Name: level},
				Rules: []flowcontrolv1.PolicyRulesWithSubjects{{
					Subjects:      []flowcontrolv1.Subject{{Kind: flowcontrolv1.SubjectKindUser, User: &flowcontrolv1.UserSubject{Name: "eve"}}},
					ResourceRules: []flowcontrolv1.ResourcePolicyRule{{Verbs: []string{"*"}, APIGroups: []string{""}, Resources: []string{"pods/log", "pods"}, Namespaces: []string{"dev"}}},
				}},
			},
		}
	}
	w.mustCreate("flowschemas", "", schema("a-dangling", "none"))
	require.Equal(t, "global-default global-default", w.flowNames(asked))
	w.mustCreate("flowschemas", "", schema("b-logs", "catch-all"))
	require.Equal(t, "b-logs catch-all", w.flowNames(asked))
	asked.Subresource = "exec"
	require.Equal(t, "global-default global-default", w.flowNames(asked))
	asked.Subresource, asked.Namespace = "", ""
	require.Equal(t, "global-default global-default", w.flowNames(asked), "the rule is not about all namespaces")

	_, err := w.delete("flowschemas", "global-default", nil)
	require.NoError(t, err)
	require.Equal(t, "catch-all catch-all", w.flowNames(asked))
}

func BenchmarkFlowOf(b *testing.B) {
	w := newEmptyWorld(b)
	require.NoError(b, w.Bootstrap())
	u := auth.Authenticated(User{Name: "eve"})
	asked := &auth.Attributes{User: &u, Verb: "create", Resource: "configmaps", Namespace: "dev"}
	b.ReportAllocs()
	for b.Loop() {
		w.FlowOf(asked)
	}
}
