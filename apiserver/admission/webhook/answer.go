package webhook

import (
	"errors"
	"fmt"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	admissionv1 "k8s.io/api/admission/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/request"

	"github.com/minik8s/minik8s/apiserver/outside"
	"github.com/minik8s/minik8s/kinds"
)

// understand reads an answer as strictly as upstream does.
func (h *hook) understand(answer outside.Answer, id types.UID) (*request.AdmissionResponse, error) {
	if answer.Err != "" {
		return nil, h.failure(fmt.Errorf("failed to call webhook: %w", errors.New(answer.Err)))
	}
	version, _ := h.reviewVersion() // the one that was sent
	review := version.empty()
	if _, _, err := decoder().Decode(answer.Body, nil, review); err != nil {
		return nil, h.failure(fmt.Errorf("failed to call webhook: %w", err))
	}
	response, err := request.VerifyAdmissionResponse(id, h.mutating, review)
	if err != nil {
		return nil, h.failure(fmt.Errorf("received invalid webhook response: %w", err))
	}
	return response, nil
}

// patched applies the answer's patch to a copy of the object. The result is
// nil if the patch is empty.
func (h *hook) patched(obj runtime.Object, response *request.AdmissionResponse) (runtime.Object, error) {
	patch, err := jsonpatch.DecodePatch(response.Patch)
	if err != nil {
		return nil, h.failure(fmt.Errorf("received undecodable patch in webhook response: %w", err))
	}
	if len(patch) == 0 {
		return nil, nil
	}
	if obj == nil {
		return nil, apierrors.NewInternalError(fmt.Errorf("admission webhook %q attempted to modify the object, which is not supported for this operation", h.GetName()))
	}
	if response.PatchType != admissionv1.PatchTypeJSONPatch {
		return nil, h.failure(fmt.Errorf("unsupported patch type %q", response.PatchType))
	}
	scheme := kinds.Scheme()
	serializer := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{})
	before, err := runtime.Encode(serializer, obj)
	if err != nil {
		return nil, apierrors.NewInternalError(err)
	}
	after, err := patch.Apply(before)
	if err != nil {
		return nil, apierrors.NewInternalError(err)
	}
	into := runtime.Object(&unstructured.Unstructured{})
	if _, custom := obj.(*unstructured.Unstructured); !custom {
		if into, err = scheme.New(obj.GetObjectKind().GroupVersionKind()); err != nil {
			return nil, apierrors.NewInternalError(err)
		}
	}
	changed, _, err := serializer.Decode(after, nil, into)
	if err != nil {
		return nil, apierrors.NewInternalError(err)
	}
	return changed, nil
}
