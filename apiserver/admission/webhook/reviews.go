package webhook

import (
	admissionv1 "k8s.io/api/admission/v1"
	admissionv1beta1 "k8s.io/api/admission/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	upstream "k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/generic"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/request"
)

// reviewVersion is how a review is written and read in one version.
type reviewVersion struct {
	build func(types.UID, *upstream.VersionedAttributes, *generic.WebhookInvocation) runtime.Object
	empty func() runtime.Object
}

// reviewVersion is the first version that the webhook and the server both
// speak.
func (h *hook) reviewVersion() (v reviewVersion, ok bool) {
	for _, version := range h.GetAdmissionReviewVersions() {
		switch version {
		case admissionv1.SchemeGroupVersion.Version:
			return reviewVersion{buildV1, func() runtime.Object { return &admissionv1.AdmissionReview{} }}, true
		case admissionv1beta1.SchemeGroupVersion.Version:
			return reviewVersion{buildV1beta1, func() runtime.Object { return &admissionv1beta1.AdmissionReview{} }}, true
		}
	}
	return reviewVersion{}, false
}

func buildV1(id types.UID, v *upstream.VersionedAttributes, i *generic.WebhookInvocation) runtime.Object {
	review := request.CreateV1AdmissionReview(id, v, i)
	review.SetGroupVersionKind(admissionv1.SchemeGroupVersion.WithKind("AdmissionReview"))
	return review
}

func buildV1beta1(id types.UID, v *upstream.VersionedAttributes, i *generic.WebhookInvocation) runtime.Object {
	review := request.CreateV1beta1AdmissionReview(id, v, i)
	review.SetGroupVersionKind(admissionv1beta1.SchemeGroupVersion.WithKind("AdmissionReview"))
	return review
}

// decoder reads reviews.
func decoder() runtime.Decoder {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{admissionv1.AddToScheme, admissionv1beta1.AddToScheme} {
		if err := add(scheme); err != nil {
			panic(err) // types that cannot be registered
		}
	}
	return serializer.NewCodecFactory(scheme).LegacyCodec(admissionv1beta1.SchemeGroupVersion, admissionv1.SchemeGroupVersion)
}
