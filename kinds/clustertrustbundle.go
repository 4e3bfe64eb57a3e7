package kinds

import (
	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/certificates"
	certificatesv1conv "k8s.io/kubernetes/pkg/apis/certificates/v1"
	"k8s.io/kubernetes/pkg/apis/certificates/validation"
)

// A ClusterTrustBundle is a set of root certificates that Pods can mount.
//
// Upstream: pkg/registry/certificates/clustertrustbundle (strategy), stored and validated; no kubelet mounts it.
func clusterTrustBundle() *Kind {
	bundles := versions[certificatesv1.ClusterTrustBundle, certificates.ClusterTrustBundle]{
		toInternal:    certificatesv1conv.Convert_v1_ClusterTrustBundle_To_certificates_ClusterTrustBundle,
		fromInternal:  certificatesv1conv.Convert_certificates_ClusterTrustBundle_To_v1_ClusterTrustBundle,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: certificatesv1.SchemeGroupVersion.WithKind("ClusterTrustBundle"),
		Resource:         "clustertrustbundles",
		Singular:         "clustertrustbundle",

		New:     func() Object { return &certificatesv1.ClusterTrustBundle{} },
		Default: bundles.defaults,

		Validate: bundles.validate(func(b *certificates.ClusterTrustBundle) field.ErrorList {
			return validation.ValidateClusterTrustBundle(b, validation.ValidateClusterTrustBundleOptions{})
		}),
		ValidateUpdate: bundles.validateUpdate(validation.ValidateClusterTrustBundleUpdate),

		Fields: func(obj Object) fields.Set {
			return fields.Set{"spec.signerName": obj.(*certificatesv1.ClusterTrustBundle).Spec.SignerName}
		},
		FieldNames: []string{"spec.signerName"},
	}
}
