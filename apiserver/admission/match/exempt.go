package match

import (
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/minik8s/minik8s/apiserver/admission"
)

// IsReview says that a request is a question about who somebody is or what they
// may do. No webhook and no policy has a say about those: a broken one could
// keep everybody out.
//
// Upstream: pkg/kubeapiserver/admission/exclusion (Excluded), complete.
func IsReview(a *admission.Attributes) bool {
	switch a.Resource.Group {
	case authenticationv1.GroupName, authorizationv1.GroupName:
		return true
	}
	return false
}
