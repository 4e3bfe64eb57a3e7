package kinds

import authenticationv1 "k8s.io/api/authentication/v1"

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
		PlainTable:       true,

		New: func() Object { return &authenticationv1.SelfSubjectReview{} },
	}
}
