package kinds

import (
	"crypto/tls"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// A Secret is a ConfigMap for bytes that not everybody should read. Its type,
// which never changes, says which keys it must have.
//
// Upstream: pkg/registry/core/secret (strategy), complete.
func secret() *Kind {
	secrets := versions[corev1.Secret, core.Secret]{
		toInternal:   corev1conv.Convert_v1_Secret_To_core_Secret,
		fromInternal: corev1conv.Convert_core_Secret_To_v1_Secret,
	}
	// stringData is for writing only. It goes into data where upstream
	// converts the object, on its way in.
	foldStringData := secrets.prepareCreate(func(*core.Secret) {})
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Secret"),
		Resource:         "secrets",
		Singular:         "secret",
		Namespaced:       true,

		New: func() Object { return &corev1.Secret{} },
		Default: func(obj Object) {
			secrets.defaults(obj)
			foldStringData(obj)
			obj.(*corev1.Secret).StringData = nil
		},

		PrepareUpdate: func(obj, old Object) {
			if s := obj.(*corev1.Secret); s.Type == "" {
				s.Type = old.(*corev1.Secret).Type
			}
		},
		Validate:       secrets.validate(validation.ValidateSecret),
		ValidateUpdate: secrets.validateUpdate(validation.ValidateSecretUpdate),
		Warnings:       func(obj, _ Object) []string { return keyPairWarnings(obj.(*corev1.Secret)) },

		AllowUnconditionalUpdate: true,

		Fields: func(obj Object) fields.Set {
			return fields.Set{"type": string(obj.(*corev1.Secret).Type)}
		},
		FieldNames: []string{"type"},
	}
}

// keyPairWarnings warns about a TLS secret whose certificate and key do not
// belong together.
func keyPairWarnings(s *corev1.Secret) []string {
	if s.Type != corev1.SecretTypeTLS {
		return nil
	}
	if _, err := tls.X509KeyPair(s.Data[corev1.TLSCertKey], s.Data[corev1.TLSPrivateKeyKey]); err != nil {
		return []string{err.Error()}
	}
	return nil
}
