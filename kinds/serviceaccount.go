package kinds

import (
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// enforceMountableSecrets limits a service account's Pods to the secrets it lists.
const enforceMountableSecrets = "kubernetes.io/enforce-mountable-secrets"

// A ServiceAccount is who a Pod is to the API server.
//
// Upstream: pkg/registry/core/serviceaccount (strategy), complete.
func serviceAccount() *Kind {
	accounts := versions[corev1.ServiceAccount, core.ServiceAccount]{
		toInternal:   corev1conv.Convert_v1_ServiceAccount_To_core_ServiceAccount,
		fromInternal: corev1conv.Convert_core_ServiceAccount_To_v1_ServiceAccount,
	}
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("ServiceAccount"),
		Resource:         "serviceaccounts",
		Singular:         "serviceaccount",
		ShortNames:       []string{"sa"},
		Namespaced:       true,

		New:     func() Object { return &corev1.ServiceAccount{} },
		Default: accounts.defaults,

		PrepareCreate:  func(obj Object) { keepSecretNames(obj.(*corev1.ServiceAccount)) },
		PrepareUpdate:  func(obj, _ Object) { keepSecretNames(obj.(*corev1.ServiceAccount)) },
		Validate:       accounts.validate(validation.ValidateServiceAccount),
		ValidateUpdate: accounts.validateUpdate(validation.ValidateServiceAccountUpdate),
		Warnings:       serviceAccountWarnings,

		Others: []OtherSubresource{{
			Name: "token", Kind: authenticationv1.SchemeGroupVersion.WithKind("TokenRequest"), Verbs: []string{"create"},
		}},
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,
	}
}

// keepSecretNames drops all of the references to secrets but their names.
func keepSecretNames(account *corev1.ServiceAccount) {
	for i := range account.Secrets {
		account.Secrets[i] = corev1.ObjectReference{Name: account.Secrets[i].Name}
	}
}

func serviceAccountWarnings(obj, old Object) []string {
	if old != nil {
		if _, had := old.GetAnnotations()[enforceMountableSecrets]; had {
			return nil
		}
	}
	if _, has := obj.GetAnnotations()[enforceMountableSecrets]; !has {
		return nil
	}
	return []string{fmt.Sprintf("metadata.annotations[%s]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets", enforceMountableSecrets)}
}
