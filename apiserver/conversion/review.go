package conversion

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/apiserver/outside"
)

// timeout is upstream's for every conversion, in real time.
const timeout = 30 * time.Second

// Review asks the webhook of a definition for objects in another version.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apiserver/conversion (webhookConverter), without metrics; the review's UID is drawn from what is asked.
type Review struct {
	crd     *apiextensionsv1.CustomResourceDefinition
	objects []*unstructured.Unstructured
	to      schema.GroupVersion
	id      types.UID
}

// NewReview makes a review. The objects, of which there must be one at least,
// are not of the version yet.
func NewReview(crd *apiextensionsv1.CustomResourceDefinition, objects []*unstructured.Unstructured, to schema.GroupVersion) *Review {
	return &Review{crd: crd, objects: objects, to: to}
}

// Question is the call to make. The world knows where Services lead to.
func (r *Review) Question(w outside.World) (*outside.Question, error) {
	version, err := r.version()
	if err != nil {
		return nil, err
	}
	lasting, err := r.body(version, "", steady(r.objects))
	if err != nil {
		return nil, r.failed(err)
	}
	q := &outside.Question{Key: outside.Key([]byte(r.crd.UID), lasting), Timeout: timeout}
	r.id = types.UID(uuid.NewSHA1(uuid.Nil, []byte(q.Key)).String())
	if q.Body, err = r.body(version, r.id, r.objects); err != nil {
		return nil, r.failed(err)
	}
	config := r.crd.Spec.Conversion.Webhook.ClientConfig
	if len(bytes.TrimSpace(config.CABundle)) > 0 {
		q.CABundle = config.CABundle
	}
	if err := q.Locate(w, clientConfig(config)); err != nil {
		return nil, r.failed(err)
	}
	return q, nil
}

// clientConfig is the same in the words of admission.
func clientConfig(c *apiextensionsv1.WebhookClientConfig) admissionregistrationv1.WebhookClientConfig {
	return admissionregistrationv1.WebhookClientConfig{
		URL: c.URL, CABundle: c.CABundle, Service: (*admissionregistrationv1.ServiceReference)(c.Service),
	}
}

// version is the first version of a ConversionReview that the webhook and the
// server both speak.
func (r *Review) version() (string, error) {
	for _, v := range r.crd.Spec.Conversion.Webhook.ConversionReviewVersions {
		if v == apiextensionsv1.SchemeGroupVersion.Version || v == apiextensionsv1beta1.SchemeGroupVersion.Version {
			return v, nil
		}
	}
	return "", errors.New("no supported conversion review versions")
}

func (r *Review) body(version string, id types.UID, objects []*unstructured.Unstructured) ([]byte, error) {
	raw := make([]runtime.RawExtension, len(objects))
	for i, u := range objects {
		raw[i].Object = u
	}
	if version == apiextensionsv1.SchemeGroupVersion.Version {
		return json.Marshal(&apiextensionsv1.ConversionReview{
			TypeMeta: metav1.TypeMeta{Kind: reviewKind, APIVersion: apiextensionsv1.SchemeGroupVersion.String()},
			Request:  &apiextensionsv1.ConversionRequest{UID: id, DesiredAPIVersion: r.to.String(), Objects: raw},
		})
	}
	return json.Marshal(&apiextensionsv1beta1.ConversionReview{
		TypeMeta: metav1.TypeMeta{Kind: reviewKind, APIVersion: apiextensionsv1beta1.SchemeGroupVersion.String()},
		Request:  &apiextensionsv1beta1.ConversionRequest{UID: id, DesiredAPIVersion: r.to.String(), Objects: raw},
	})
}

const reviewKind = "ConversionReview"

// steady is the objects without what differs when a request is tried again a
// little later, and which the answer has no say in. The UID stays: the answer
// must repeat it, so that of a new object is asked about again if another
// write came first.
func steady(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	lasting := make([]*unstructured.Unstructured, len(objects))
	for i, u := range objects {
		u = u.DeepCopy()
		for _, drawn := range []string{"creationTimestamp", "resourceVersion", "managedFields"} {
			unstructured.RemoveNestedField(u.Object, "metadata", drawn)
		}
		lasting[i] = u
	}
	return lasting
}

// failed is the error of a webhook that could not be asked, or that says no.
// It wraps nothing: that the webhook's Service is not found does not mean that
// the object is not.
func (r *Review) failed(why error) error {
	return fmt.Errorf("conversion webhook for %v failed: %v", r.kind(), why)
}

func (r *Review) kind() schema.GroupVersionKind { return r.objects[0].GroupVersionKind() }
