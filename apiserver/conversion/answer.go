package conversion

import (
	"errors"
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"

	"github.com/minik8s/minik8s/apiserver/outside"
)

// Objects reads what was answered to the review's Question: each object in the
// other version, with the metadata that it had, but for labels and
// annotations.
func (r *Review) Objects(answer outside.Answer) ([]*unstructured.Unstructured, error) {
	if answer.Err != "" {
		return nil, r.failed(errors.New(answer.Err))
	}
	response, err := r.response(answer.Body)
	if err != nil {
		return nil, r.failed(err)
	}
	if len(response) != len(r.objects) {
		return nil, fmt.Errorf("conversion webhook for %v returned %d objects, expected %d", r.kind(), len(response), len(r.objects))
	}
	converted := make([]*unstructured.Unstructured, len(response))
	for i := range response {
		if converted[i], err = r.object(i, &response[i]); err != nil {
			return nil, err
		}
	}
	return converted, nil
}

// response is what a review has that says Success.
func (r *Review) response(body []byte) ([]runtime.RawExtension, error) {
	version, err := r.version() // the one that was sent
	if err != nil {
		return nil, err
	}
	if version == apiextensionsv1beta1.SchemeGroupVersion.Version {
		review := &apiextensionsv1beta1.ConversionReview{}
		if _, _, err := decoder.Decode(body, nil, review); err != nil {
			return nil, err
		}
		if review.Response == nil {
			return nil, errors.New("no response provided")
		}
		return review.Response.ConvertedObjects, verdict(review.Response.Result)
	}
	review := &apiextensionsv1.ConversionReview{}
	if _, _, err := decoder.Decode(body, nil, review); err != nil {
		return nil, err
	}
	if want := apiextensionsv1.SchemeGroupVersion.WithKind(reviewKind); review.GroupVersionKind() != want {
		return nil, fmt.Errorf("expected webhook response of %v, got %v", want, review.GroupVersionKind())
	}
	if review.Response == nil {
		return nil, errors.New("no response provided")
	}
	if got := review.Response.UID; got != r.id {
		return nil, fmt.Errorf("expected response.uid=%q, got %q", r.id, got)
	}
	return review.Response.ConvertedObjects, verdict(review.Response.Result)
}

func verdict(result metav1.Status) error {
	switch {
	case result.Status == metav1.StatusSuccess:
		return nil
	case result.Message != "":
		return errors.New(result.Message)
	}
	return fmt.Errorf("response.result.status was '%s', not 'Success'", result.Status)
}

// object is the answer for the object at an index.
func (r *Review) object(i int, raw *runtime.RawExtension) (*unstructured.Unstructured, error) {
	original, u := r.objects[i], &unstructured.Unstructured{}
	if err := u.UnmarshalJSON(raw.Raw); err != nil {
		if len(r.objects) == 1 {
			return nil, err // as upstream has it
		}
		return nil, r.invalid(i, "", err)
	}
	if got := u.GroupVersionKind().GroupVersion(); got != r.to {
		return nil, r.invalid(i, " at index 0", fmt.Errorf("invalid groupVersion (expected %v, received %v)", r.to, got))
	}
	if want, got := original.GetKind(), u.GetKind(); got != want {
		return nil, r.invalid(i, " at index 0", fmt.Errorf("invalid kind (expected %v, received %v)", want, got))
	}
	if err := sameIdentity(original, u); err != nil {
		return nil, r.invalid(i, "", err)
	}
	if err := restoreMetadata(original, u); err != nil {
		if len(r.objects) == 1 {
			return nil, fmt.Errorf("conversion webhook for %v returned invalid metadata: %w", r.kind(), err)
		}
		return nil, fmt.Errorf("conversion webhook for %v returned invalid metadata in object at index %v: %w", r.kind(), i, err)
	}
	return u, nil
}

// invalid words an error as upstream does for one object and for a list.
func (r *Review) invalid(i int, place string, why error) error {
	if len(r.objects) == 1 {
		return fmt.Errorf("conversion webhook for %v returned invalid object%s: %w", r.kind(), place, why)
	}
	return fmt.Errorf("conversion webhook for %v returned invalid converted object at index %v: %w", r.kind(), i, why)
}

// decoder reads reviews.
var decoder = newDecoder()

func newDecoder() runtime.Decoder {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{apiextensionsv1.AddToScheme, apiextensionsv1beta1.AddToScheme} {
		if err := add(scheme); err != nil {
			panic(err) // types that cannot be registered
		}
	}
	return serializer.NewCodecFactory(scheme).LegacyCodec(apiextensionsv1.SchemeGroupVersion, apiextensionsv1beta1.SchemeGroupVersion)
}
