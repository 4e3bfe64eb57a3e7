package apiserver

import (
	"context"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/kubernetes/pkg/apis/authorization"
	authorizationv1conv "k8s.io/kubernetes/pkg/apis/authorization/v1"
	"k8s.io/kubernetes/pkg/registry/authorization/util"

	"github.com/minik8s/minik8s/apiserver/auth"
	"github.com/minik8s/minik8s/apiserver/nodeauth"
	"github.com/minik8s/minik8s/apiserver/rbac"
	"github.com/minik8s/minik8s/kinds"
)

// answerSubjectAccessReview says whether somebody may do something.
func (c *call) answerSubjectAccessReview(obj kinds.Object) (runtime.Object, error) {
	review := obj.(*authorizationv1.SubjectAccessReview)
	var err error
	review.Status, err = c.review(review.Spec)
	return review, err
}

// answerLocalSubjectAccessReview says the same about one namespace.
func (c *call) answerLocalSubjectAccessReview(obj kinds.Object) (runtime.Object, error) {
	review := obj.(*authorizationv1.LocalSubjectAccessReview)
	var err error
	review.Status, err = c.review(review.Spec)
	return review, err
}

// answerSelfSubjectAccessReview says whether the asker may do something.
func (c *call) answerSelfSubjectAccessReview(obj kinds.Object) (runtime.Object, error) {
	review := obj.(*authorizationv1.SelfSubjectAccessReview)
	extra := make(map[string]authorizationv1.ExtraValue, len(c.req.User.Extra))
	for key, values := range c.req.User.Extra { // any order: a map is copied
		extra[key] = values
	}
	var err error
	review.Status, err = c.review(authorizationv1.SubjectAccessReviewSpec{
		ResourceAttributes: review.Spec.ResourceAttributes, NonResourceAttributes: review.Spec.NonResourceAttributes,
		User: c.req.User.Name, UID: c.req.User.UID, Groups: c.req.User.Groups, Extra: extra,
	})
	return review, err
}

// review asks the authorisers what the spec asks.
func (c *call) review(spec authorizationv1.SubjectAccessReviewSpec) (authorizationv1.SubjectAccessReviewStatus, error) {
	var internal authorization.SubjectAccessReviewSpec
	if err := authorizationv1conv.Convert_v1_SubjectAccessReviewSpec_To_authorization_SubjectAccessReviewSpec(&spec, &internal, nil); err != nil {
		return authorizationv1.SubjectAccessReviewStatus{}, err
	}
	asked := util.AuthorizationAttributesFrom(internal)
	d := c.Authorize(asAttributes(&asked))
	return authorizationv1.SubjectAccessReviewStatus{
		Allowed: d.Allowed, Reason: d.Reason, EvaluationError: util.BuildEvaluationError(nil, asked),
	}, nil
}

// asAttributes are upstream's attributes in our form.
func asAttributes(a *authorizer.AttributesRecord) *auth.Attributes {
	user := &auth.User{Name: a.User.GetName(), UID: a.User.GetUID(), Groups: a.User.GetGroups(), Extra: a.User.GetExtra()}
	if !a.ResourceRequest {
		return &auth.Attributes{User: user, Verb: a.Verb, Path: a.Path}
	}
	return &auth.Attributes{
		User: user, Verb: a.Verb, Group: a.APIGroup, Resource: a.Resource, Subresource: a.Subresource,
		Namespace: a.Namespace, Name: a.Name, Fields: a.FieldSelectorRequirements,
	}
}

// answerSelfSubjectRulesReview lists what the asker may do in a namespace.
//
// Upstream: pkg/registry/authorization/selfsubjectrulesreview (REST), complete.
func (c *call) answerSelfSubjectRulesReview(obj kinds.Object) (runtime.Object, error) {
	review := obj.(*authorizationv1.SelfSubjectRulesReview)
	namespace := review.Spec.Namespace
	if namespace == "" {
		return nil, apierrors.NewBadRequest("no namespace on request")
	}
	// The lists must be there even if they are empty. The spec is not given back.
	answer := &authorizationv1.SelfSubjectRulesReview{TypeMeta: review.TypeMeta, Status: authorizationv1.SubjectRulesReviewStatus{
		ResourceRules: []authorizationv1.ResourceRule{}, NonResourceRules: []authorizationv1.NonResourceRule{},
	}}
	rules, err := rbac.Resolver(c.Store.Snapshot()).RulesFor(context.Background(), c.req.User.Info(), namespace)
	if err != nil {
		answer.Status.EvaluationError = err.Error()
	}
	if _, isNode := nodeauth.NodeOf(&c.req.User); isNode {
		answer.Status.Incomplete = true
		answer.Status.EvaluationError = "node authorizer does not support user rule resolution"
	}
	for _, r := range rules {
		if len(r.Resources) > 0 {
			answer.Status.ResourceRules = append(answer.Status.ResourceRules, authorizationv1.ResourceRule{
				Verbs: r.Verbs, APIGroups: r.APIGroups, Resources: r.Resources, ResourceNames: r.ResourceNames,
			})
		}
		if len(r.NonResourceURLs) > 0 {
			answer.Status.NonResourceRules = append(answer.Status.NonResourceRules, authorizationv1.NonResourceRule{
				Verbs: r.Verbs, NonResourceURLs: r.NonResourceURLs,
			})
		}
	}
	return answer, nil
}
