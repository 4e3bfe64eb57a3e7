package kinds

import (
	"context"
	"slices"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/apimachinery/pkg/api/operation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/certificates"
	certificatesv1conv "k8s.io/kubernetes/pkg/apis/certificates/v1"
	"k8s.io/kubernetes/pkg/apis/certificates/validation"
)

// A CertificateSigningRequest asks a signer for a certificate. It is approved
// or denied through one subresource, for good, and signed through the status.
// Its spec never changes.
//
// Upstream: pkg/registry/certificates/certificates (strategy), complete.
func certificateSigningRequest() *Kind {
	requests := versions[certificatesv1.CertificateSigningRequest, certificates.CertificateSigningRequest]{
		toInternal:    certificatesv1conv.Convert_v1_CertificateSigningRequest_To_certificates_CertificateSigningRequest,
		fromInternal:  certificatesv1conv.Convert_certificates_CertificateSigningRequest_To_v1_CertificateSigningRequest,
		clusterScoped: true,
	}
	own := certificatesv1.SchemeGroupVersion.WithKind("CertificateSigningRequest")
	return &Kind{
		GroupVersionKind: own,
		Resource:         "certificatesigningrequests",
		Singular:         "certificatesigningrequest",
		ShortNames:       []string{"csr"},

		New:     func() Object { return &certificatesv1.CertificateSigningRequest{} },
		Default: requests.defaults,

		PrepareCreate: func(obj Object) {
			csr := obj.(*certificatesv1.CertificateSigningRequest)
			csr.Spec.Username, csr.Spec.UID, csr.Spec.Groups, csr.Spec.Extra = "", "", nil, nil
			csr.Status = certificatesv1.CertificateSigningRequestStatus{}
		},
		PrepareUpdate: func(obj, old Object) {
			csr, before := obj.(*certificatesv1.CertificateSigningRequest), old.(*certificatesv1.CertificateSigningRequest)
			csr.Spec = before.Spec
			csr.Status = before.Status
		},
		Stamp:          stampConditions,
		Validate:       requests.validate(validation.ValidateCertificateSigningRequestCreate),
		ValidateUpdate: requests.validateUpdate(validation.ValidateCertificateSigningRequestUpdate),
		Attribute: func(obj Object, by authenticationv1.UserInfo) {
			spec := &obj.(*certificatesv1.CertificateSigningRequest).Spec
			spec.Username, spec.UID, spec.Groups = by.Username, by.UID, by.Groups
			for key, values := range by.Extra { // any order: it goes from map to map
				if spec.Extra == nil {
					spec.Extra = make(map[string]certificatesv1.ExtraValue, len(by.Extra))
				}
				spec.Extra[key] = certificatesv1.ExtraValue(values)
			}
		},

		ResetFields: []string{"spec", "status"},
		Status: &Subresource{
			ResetFields: []string{"spec", "status.conditions"},
			PrepareUpdate: func(obj, old Object) {
				csr, before := obj.(*certificatesv1.CertificateSigningRequest), old.(*certificatesv1.CertificateSigningRequest)
				csr.Spec = before.Spec
				keepConditions(csr, before, certificatesv1.CertificateApproved)
				keepConditions(csr, before, certificatesv1.CertificateDenied)
			},
			ValidateUpdate: requests.validateStatus(validation.ValidateCertificateSigningRequestStatusUpdate, declaredRequestStatus),
		},
		Others: []OtherSubresource{{
			Name: "approval", Kind: own, Verbs: []string{"get", "patch", "update"},
			Strategy: &Subresource{
				ResetFields: []string{"spec", "status.certificate"},
				PrepareUpdate: func(obj, old Object) {
					csr, before := obj.(*certificatesv1.CertificateSigningRequest), old.(*certificatesv1.CertificateSigningRequest)
					conditions := csr.Status.Conditions
					csr.Spec = before.Spec
					csr.Status = before.Status
					csr.Status.Conditions = conditions
				},
				ValidateUpdate: requests.validateUpdate(validation.ValidateCertificateSigningRequestApprovalUpdate, "approval"),
			},
		}},
		AllowUnconditionalUpdate: true,

		Fields: func(obj Object) fields.Set {
			return fields.Set{"spec.signerName": obj.(*certificatesv1.CertificateSigningRequest).Spec.SignerName}
		},
		FieldNames: []string{"spec.signerName"},
	}
}

// stampConditions fills in when conditions were updated and came to be, where
// their writer does not say it.
func stampConditions(obj, old Object, now time.Time) {
	if old == nil {
		return
	}
	status := &obj.(*certificatesv1.CertificateSigningRequest).Status
	before := old.(*certificatesv1.CertificateSigningRequest).Status.Conditions
	written := metav1.NewTime(now.Truncate(time.Second))
	status.Conditions = slices.Clone(status.Conditions)
	for i := range status.Conditions {
		c := &status.Conditions[i]
		if c.LastUpdateTime.IsZero() {
			c.LastUpdateTime = written
		}
		if c.LastTransitionTime.IsZero() {
			c.LastTransitionTime = written
			if j := slices.IndexFunc(before, func(b certificatesv1.CertificateSigningRequestCondition) bool {
				return b.Type == c.Type && b.Status == c.Status && !b.LastTransitionTime.IsZero()
			}); j >= 0 {
				c.LastTransitionTime = before[j].LastTransitionTime
			}
		}
	}
}

// keepConditions gives conditions of a type their old contents, unless some
// were added or removed, which validation then refuses.
func keepConditions(csr, old *certificatesv1.CertificateSigningRequest, kind certificatesv1.RequestConditionType) {
	var kept []certificatesv1.CertificateSigningRequestCondition
	for _, c := range old.Status.Conditions {
		if c.Type == kind {
			kept = append(kept, c)
		}
	}
	conditions := slices.Clone(csr.Status.Conditions)
	for i, c := range conditions {
		if c.Type != kind {
			continue
		}
		if len(kept) == 0 {
			return
		}
		conditions[i], kept = kept[0], kept[1:]
	}
	if len(kept) == 0 {
		csr.Status.Conditions = conditions
	}
}

// declaredRequestStatus are the rules that the tags of the status declare.
func declaredRequestStatus(ctx context.Context, op operation.Operation, path *field.Path, csr, old *certificatesv1.CertificateSigningRequest) field.ErrorList {
	return certificatesv1conv.Validate_CertificateSigningRequestStatus(ctx, op, path.Child("status"), &csr.Status, &old.Status)
}
