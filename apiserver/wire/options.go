package wire

import (
	"fmt"
	"net/http"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/internalversion"
	metaschema "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme"
	internalvalidation "k8s.io/apimachinery/pkg/apis/meta/internalversion/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"
)

// parameters reads query parameters into options. The error is a 400.
func parameters(query url.Values, options runtime.Object) error {
	if err := metaschema.ParameterCodec.DecodeParameters(query, metav1.SchemeGroupVersion, options); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	return nil
}

// invalidOptions is nil if there are no faults.
func invalidOptions(kind string, faults field.ErrorList) error {
	if len(faults) == 0 {
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: kind}, "", faults)
}

func getOptions(r *http.Request) (*metav1.GetOptions, error) {
	query := r.URL.Query()
	if asked := query["export"]; len(asked) > 0 {
		export := true
		if err := runtime.Convert_Slice_string_To_bool(&asked, &export, nil); err != nil {
			return nil, apierrors.NewBadRequest(fmt.Sprintf("the export parameter cannot be parsed: %v", err))
		}
		if export {
			return nil, apierrors.NewBadRequest("the export parameter, deprecated since v1.14, is no longer supported")
		}
	}
	options := &metav1.GetOptions{}
	return options, parameters(query, options)
}

// listOptions reads and checks the options of list, watch and
// deletecollection. Selectors are parsed here; which fields a kind has is
// checked by who selects.
func listOptions(r *http.Request) (*metav1.ListOptions, error) {
	internal := &internalversion.ListOptions{}
	if err := parameters(r.URL.Query(), internal); err != nil {
		return nil, err
	}
	internalversion.SetListOptionsDefaults(internal, true)
	if err := invalidOptions("ListOptions", internalvalidation.ValidateListOptions(internal, true)); err != nil {
		return nil, err
	}
	options := &metav1.ListOptions{}
	if err := internalversion.Convert_internalversion_ListOptions_To_v1_ListOptions(internal, options, nil); err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	return options, nil
}

func createOptions(r *http.Request) (*metav1.CreateOptions, error) {
	options := &metav1.CreateOptions{}
	if err := parameters(r.URL.Query(), options); err != nil {
		return nil, err
	}
	return options, invalidOptions("CreateOptions", validation.ValidateCreateOptions(options))
}

func updateOptions(r *http.Request) (*metav1.UpdateOptions, error) {
	options := &metav1.UpdateOptions{}
	if err := parameters(r.URL.Query(), options); err != nil {
		return nil, err
	}
	return options, invalidOptions("UpdateOptions", validation.ValidateUpdateOptions(options))
}

func patchOptions(r *http.Request, patch types.PatchType) (*metav1.PatchOptions, error) {
	options := &metav1.PatchOptions{}
	if err := parameters(r.URL.Query(), options); err != nil {
		return nil, err
	}
	return options, invalidOptions("PatchOptions", validation.ValidatePatchOptions(options, patch))
}

// deleteOptions come in the body if there is one, else in the query.
func deleteOptions(r *http.Request) (*metav1.DeleteOptions, error) {
	options := &metav1.DeleteOptions{}
	data, err := readBody(r)
	if err != nil {
		return nil, err
	}
	if len(data) == 0 {
		err = parameters(r.URL.Query(), options)
	} else {
		err = decodeDeleteOptions(r, data, options)
	}
	if err != nil {
		return nil, err
	}
	return options, invalidOptions("DeleteOptions", validation.ValidateDeleteOptions(options))
}

// decodeDeleteOptions accepts the options of any group, as old clients send
// them.
func decodeDeleteOptions(r *http.Request, data []byte, options *metav1.DeleteOptions) error {
	info, err := negotiation.NegotiateInputSerializer(r, false, metaschema.Codecs)
	if err != nil {
		return err
	}
	want := metav1.SchemeGroupVersion.WithKind("DeleteOptions")
	obj, _, err := metaschema.Codecs.DecoderToVersion(info.Serializer, want.GroupVersion()).Decode(data, &want, options)
	if err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	if obj != options {
		return apierrors.NewBadRequest("decoded object cannot be converted to DeleteOptions")
	}
	return nil
}

// fieldValidation is what to do about fields that a kind does not have:
// warn, unless the client says otherwise.
func fieldValidation(asked string) string {
	if asked == "" {
		return metav1.FieldValidationWarn
	}
	return asked
}
