package apiserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ask creates a review and returns the answer.
func ask[T runtime.Object](w *world, plural, namespace string, review T) (T, string) {
	req := w.request(Create, plural, namespace+"/")
	req.Object = review
	res, err := w.Do(req)
	if err != nil {
		var none T
		return none, answer(err)
	}
	return res.Object.(T), "ok"
}

func mayGetPods(namespace string) *authorizationv1.ResourceAttributes {
	return &authorizationv1.ResourceAttributes{Verb: "get", Resource: "pods", Namespace: namespace}
}

func TestSubjectAccessReview(t *testing.T) {
	w := newGuardedWorld(t)
	w.clusterRole("reader", readsPods)
	w.grant("eve", "default", "reader")
	before := w.revision()

	review := func(spec authorizationv1.SubjectAccessReviewSpec) authorizationv1.SubjectAccessReviewStatus {
		out, err := ask(w, "subjectaccessreviews", "", &authorizationv1.SubjectAccessReview{Spec: spec})
		require.Equal(t, "ok", err)
		return out.Status
	}
	require.Equal(t, authorizationv1.SubjectAccessReviewStatus{
		Allowed: true, Reason: `RBAC: allowed by RoleBinding "eve-reader/default" of ClusterRole "reader" to User "eve"`,
	}, review(authorizationv1.SubjectAccessReviewSpec{User: "eve", ResourceAttributes: mayGetPods("default")}))
	require.Equal(t, authorizationv1.SubjectAccessReviewStatus{},
		review(authorizationv1.SubjectAccessReviewSpec{User: "eve", ResourceAttributes: mayGetPods("")}))
	require.Equal(t, authorizationv1.SubjectAccessReviewStatus{
		Allowed: true, Reason: `RBAC: allowed by ClusterRoleBinding "system:public-info-viewer" of ClusterRole "system:public-info-viewer" to Group "system:unauthenticated"`,
	}, review(authorizationv1.SubjectAccessReviewSpec{
		Groups: []string{"system:unauthenticated"}, NonResourceAttributes: &authorizationv1.NonResourceAttributes{Verb: "get", Path: "/healthz"},
	}))

	_, err := ask(w, "subjectaccessreviews", "", &authorizationv1.SubjectAccessReview{})
	require.Contains(t, err, `422 Invalid: .authorization.k8s.io "" is invalid: [spec`)
	_, err = ask(w, "localsubjectaccessreviews", "default", &authorizationv1.LocalSubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{User: "eve", ResourceAttributes: mayGetPods("other")},
	})
	require.Contains(t, err, "spec.resourceAttributes.namespace: Invalid value: \"other\": must match metadata.namespace")

	eve := w.as("eve")
	self, _ := ask(eve, "selfsubjectaccessreviews", "", &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: mayGetPods("default")},
	})
	require.True(t, self.Status.Allowed)
	_, err = ask(eve, "subjectaccessreviews", "", &authorizationv1.SubjectAccessReview{})
	require.Contains(t, err, `User "eve" cannot create resource "subjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope`)
	require.Equal(t, before, w.revision())
}

func TestSelfSubjectRulesReview(t *testing.T) {
	w := newGuardedWorld(t)
	w.clusterRole("reader", readsPods)
	w.grant("eve", "default", "reader")
	eve := w.as("eve")
	rules := func(namespace string) authorizationv1.SubjectRulesReviewStatus {
		out, err := ask(eve, "selfsubjectrulesreviews", "", &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace}})
		require.Equal(t, "ok", err)
		return out.Status
	}
	reads := authorizationv1.ResourceRule{Verbs: readsPods.Verbs, APIGroups: readsPods.APIGroups, Resources: readsPods.Resources}
	require.Contains(t, rules("default").ResourceRules, reads)
	require.NotContains(t, rules("kube-system").ResourceRules, reads)
	require.NotEmpty(t, rules("kube-system").NonResourceRules)
	_, err := w.delete("clusterroles", "reader", nil)
	require.NoError(t, err)
	require.Equal(t, `clusterrole.rbac.authorization.k8s.io "reader" not found`, rules("default").EvaluationError)
	_, refused := ask(eve, "selfsubjectrulesreviews", "", &authorizationv1.SelfSubjectRulesReview{})
	require.Equal(t, "400 BadRequest: no namespace on request", refused)

	node := w.as("system:node:n", "system:nodes")
	out, _ := ask(node, "selfsubjectrulesreviews", "", &authorizationv1.SelfSubjectRulesReview{Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: "default"}})
	require.True(t, out.Status.Incomplete)
}
