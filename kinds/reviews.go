package kinds

import (
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/kubernetes/pkg/apis/authorization"
	authorizationv1conv "k8s.io/kubernetes/pkg/apis/authorization/v1"
	"k8s.io/kubernetes/pkg/apis/authorization/validation"
)

// reviewed are the verbs of a kind whose objects are questions: creating one
// answers it.
var reviewed = []string{"create"}

// A SelfSubjectReview asks who the asker is.
//
// Upstream: pkg/registry/authentication/selfsubjectreview (REST), complete.
func selfSubjectReview() *Kind {
	return &Kind{
		GroupVersionKind: authenticationv1.SchemeGroupVersion.WithKind("SelfSubjectReview"),
		Resource:         "selfsubjectreviews",
		Singular:         "selfsubjectreview",
		Computed:         reviewed,

		New: func() Object { return &authenticationv1.SelfSubjectReview{} },
	}
}

// A TokenReview asks whose a bearer token is.
//
// Upstream: pkg/registry/authentication/tokenreview (REST), complete.
func tokenReview() *Kind {
	return &Kind{
		GroupVersionKind: authenticationv1.SchemeGroupVersion.WithKind("TokenReview"),
		Resource:         "tokenreviews",
		Singular:         "tokenreview",
		Computed:         reviewed,

		New: func() Object { return &authenticationv1.TokenReview{} },
	}
}

// A SubjectAccessReview asks whether somebody may do something.
//
// Upstream: pkg/registry/authorization/subjectaccessreview (REST), complete.
func subjectAccessReview() *Kind {
	reviews := versions[authorizationv1.SubjectAccessReview, authorization.SubjectAccessReview]{
		toInternal:   authorizationv1conv.Convert_v1_SubjectAccessReview_To_authorization_SubjectAccessReview,
		fromInternal: authorizationv1conv.Convert_authorization_SubjectAccessReview_To_v1_SubjectAccessReview,
	}
	return &Kind{
		GroupVersionKind: authorizationv1.SchemeGroupVersion.WithKind("SubjectAccessReview"),
		Resource:         "subjectaccessreviews",
		Singular:         "subjectaccessreview",
		Computed:         reviewed,

		New:      func() Object { return &authorizationv1.SubjectAccessReview{} },
		Validate: reviews.validate(validation.ValidateSubjectAccessReview),
	}
}

// A LocalSubjectAccessReview asks the same about one namespace, so that whoever
// administers that may be allowed to ask.
//
// Upstream: pkg/registry/authorization/localsubjectaccessreview (REST), complete.
func localSubjectAccessReview() *Kind {
	reviews := versions[authorizationv1.LocalSubjectAccessReview, authorization.LocalSubjectAccessReview]{
		toInternal:   authorizationv1conv.Convert_v1_LocalSubjectAccessReview_To_authorization_LocalSubjectAccessReview,
		fromInternal: authorizationv1conv.Convert_authorization_LocalSubjectAccessReview_To_v1_LocalSubjectAccessReview,
	}
	return &Kind{
		GroupVersionKind: authorizationv1.SchemeGroupVersion.WithKind("LocalSubjectAccessReview"),
		Resource:         "localsubjectaccessreviews",
		Singular:         "localsubjectaccessreview",
		Namespaced:       true,
		Computed:         reviewed,

		New:      func() Object { return &authorizationv1.LocalSubjectAccessReview{} },
		Validate: reviews.validate(validation.ValidateLocalSubjectAccessReview),
	}
}

// A SelfSubjectAccessReview asks whether the asker may do something.
//
// Upstream: pkg/registry/authorization/selfsubjectaccessreview (REST), complete.
func selfSubjectAccessReview() *Kind {
	reviews := versions[authorizationv1.SelfSubjectAccessReview, authorization.SelfSubjectAccessReview]{
		toInternal:   authorizationv1conv.Convert_v1_SelfSubjectAccessReview_To_authorization_SelfSubjectAccessReview,
		fromInternal: authorizationv1conv.Convert_authorization_SelfSubjectAccessReview_To_v1_SelfSubjectAccessReview,
	}
	return &Kind{
		GroupVersionKind: authorizationv1.SchemeGroupVersion.WithKind("SelfSubjectAccessReview"),
		Resource:         "selfsubjectaccessreviews",
		Singular:         "selfsubjectaccessreview",
		Computed:         reviewed,

		New:      func() Object { return &authorizationv1.SelfSubjectAccessReview{} },
		Validate: reviews.validate(validation.ValidateSelfSubjectAccessReview),
	}
}

// A SelfSubjectRulesReview asks for all that the asker may do in a namespace.
//
// Upstream: pkg/registry/authorization/selfsubjectrulesreview (REST), complete.
func selfSubjectRulesReview() *Kind {
	return &Kind{
		GroupVersionKind: authorizationv1.SchemeGroupVersion.WithKind("SelfSubjectRulesReview"),
		Resource:         "selfsubjectrulesreviews",
		Singular:         "selfsubjectrulesreview",
		Computed:         reviewed,

		New: func() Object { return &authorizationv1.SelfSubjectRulesReview{} },
	}
}
