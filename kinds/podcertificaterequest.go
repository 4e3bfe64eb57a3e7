package kinds

import (
	"context"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/api/operation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/certificates"
	certificatesv1conv "k8s.io/kubernetes/pkg/apis/certificates/v1"
	"k8s.io/kubernetes/pkg/apis/certificates/validation"
)

// A PodCertificateRequest is how a kubelet asks a signer for a certificate for
// one Pod.
//
// Upstream: pkg/registry/certificates/podcertificaterequest (strategy), stored and validated, without the rule that a certificate begins within five minutes of now (signers live by another clock than the world); no kubelet asks for one.
func podCertificateRequest() *Kind {
	requests := versions[certificatesv1.PodCertificateRequest, certificates.PodCertificateRequest]{
		toInternal:   certificatesv1conv.Convert_v1_PodCertificateRequest_To_certificates_PodCertificateRequest,
		fromInternal: certificatesv1conv.Convert_certificates_PodCertificateRequest_To_v1_PodCertificateRequest,
	}
	return &Kind{
		GroupVersionKind: certificatesv1.SchemeGroupVersion.WithKind("PodCertificateRequest"),
		Resource:         "podcertificaterequests",
		Singular:         "podcertificaterequest",
		Namespaced:       true,

		New:     func() Object { return &certificatesv1.PodCertificateRequest{} },
		Default: requests.defaults,

		PrepareCreate: func(obj Object) {
			obj.(*certificatesv1.PodCertificateRequest).Status = certificatesv1.PodCertificateRequestStatus{}
		},
		PrepareUpdate: func(obj, old Object) {
			obj.(*certificatesv1.PodCertificateRequest).Status = old.(*certificatesv1.PodCertificateRequest).Status
		},
		Validate:       requests.validate(validation.ValidatePodCertificateRequestCreate),
		ValidateUpdate: requests.validateUpdate(validation.ValidatePodCertificateRequestUpdate),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				request, before := obj.(*certificatesv1.PodCertificateRequest), old.(*certificatesv1.PodCertificateRequest)
				request.Spec = before.Spec
				metav1.ResetObjectMetaForStatus(request, before)
			},
			ValidateUpdate: requests.validateStatus(func(r, old *certificates.PodCertificateRequest) field.ErrorList {
				return validation.ValidatePodCertificateRequestStatusUpdate(r, old, beginning{r.Status.NotBefore})
			}, declaredPodCertificateStatus),
			ResetFields: []string{"spec", "metadata"},
		},

		Fields: func(obj Object) fields.Set {
			spec := &obj.(*certificatesv1.PodCertificateRequest).Spec
			return fields.Set{"spec.signerName": spec.SignerName, "spec.podName": spec.PodName, "spec.nodeName": string(spec.NodeName)}
		},
		FieldNames: []string{"spec.signerName", "spec.podName", "spec.nodeName"},
	}
}

// beginning is a clock that stands where a certificate begins.
type beginning struct{ *metav1.Time }

func (b beginning) Now() time.Time { return b.Time.Time }

func (b beginning) Since(t time.Time) time.Duration { return b.Now().Sub(t) }

// declaredPodCertificateStatus are the rules that the tags of the status declare.
func declaredPodCertificateStatus(ctx context.Context, op operation.Operation, path *field.Path, request, old *certificatesv1.PodCertificateRequest) field.ErrorList {
	return certificatesv1conv.Validate_PodCertificateRequestStatus(ctx, op, path.Child("status"), &request.Status, &old.Status)
}
