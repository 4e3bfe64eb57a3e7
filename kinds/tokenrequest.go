package kinds

import (
	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/authentication"
	authenticationv1conv "k8s.io/kubernetes/pkg/apis/authentication/v1"
	"k8s.io/kubernetes/pkg/apis/authentication/validation"
)

// ValidateTokenRequest checks what is written to a service account's token
// subresource, with its defaults.
func ValidateTokenRequest(request *authenticationv1.TokenRequest) field.ErrorList {
	var in authentication.TokenRequest
	if err := authenticationv1conv.Convert_v1_TokenRequest_To_authentication_TokenRequest(request, &in, nil); err != nil {
		return unreadable(err)
	}
	return validation.ValidateTokenRequest(&in)
}
