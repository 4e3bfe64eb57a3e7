package wire

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/kinds"
)

// maxBody is the largest request body in bytes, as upstream's.
const maxBody = 3 * 1024 * 1024

// readBody reads a whole request body. Errors are 400 or 413.
func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer r.Body.Close()
	data, err := readAll(r)
	if err != nil {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("reading the request body: %v", err))
	}
	if len(data) > maxBody {
		return nil, apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("limit is %d", maxBody))
	}
	return data, nil
}

// readAll reads a body, or a little more than is allowed of it.
func readAll(r *http.Request) ([]byte, error) {
	if n := r.ContentLength; n > 0 && n <= maxBody {
		data := make([]byte, n)
		_, err := io.ReadFull(r.Body, data)
		return data, err
	}
	return io.ReadAll(io.LimitReader(r.Body, maxBody+1))
}

// reader is what reads a body that is in the form which the client says. The
// error is 415.
func (x *exchange) reader() (runtime.SerializerInfo, error) {
	var readers runtime.NegotiatedSerializer = codecs
	if x.endpoint.isCustom() {
		readers = customCodecs
	}
	info, err := negotiation.NegotiateInputSerializer(x.r, false, readers)
	if err != nil { // upstream names what its other kinds may be in, for all
		return info, negotiation.NewUnsupportedMediaTypeError(objectTypes)
	}
	return info, nil
}

// readObject reads a body of the endpoint's kind, in the version of the path.
// validation says what becomes of fields that the kind does not have: an
// error, a warning, or nothing. Of a kind that is built in, it also returns
// what the object was read from.
func (x *exchange) readObject(info runtime.SerializerInfo, data []byte, validation string) (runtime.Object, *apiserver.Source, error) {
	isProtobuf := info.MediaType == runtime.ContentTypeProtobuf
	if isProtobuf && nestsTooDeep(data) {
		return nil, nil, undecodable(errTooDeep, nil, x.endpoint.body, data)
	}
	decoder := info.StrictSerializer
	if validation == metav1.FieldValidationIgnore {
		decoder = info.Serializer
	}
	read, source := decode, &apiserver.Source{Body: data, Kind: x.endpoint.body}
	if x.endpoint.isCustom() {
		read, source = x.endpoint.decodeCustom, nil
	}
	obj, warnings, err := read(decoder, data, x.endpoint.body, x.endpoint.accepts, validation)
	if err != nil {
		return nil, nil, err
	}
	if isProtobuf {
		if err := checkEmbedded(obj); err != nil {
			got := obj.GetObjectKind().GroupVersionKind()
			return nil, nil, undecodable(err, &got, x.endpoint.body, data)
		}
	}
	noteObject(x.w, obj)
	addWarnings(x.w, warnings) // also if the request is refused later
	return obj, source, nil
}

// decode reads an object of the wanted kind: in that version, or in another of
// its group that is accepted too and left to be converted.
func decode(decoder runtime.Decoder, data []byte, want schema.GroupVersionKind, accepts []string, validation string) (runtime.Object, []string, error) {
	into, err := kinds.Scheme().New(want)
	if err != nil {
		return nil, nil, fmt.Errorf("decoding %s: %w", want.Kind, err)
	}
	if kinds.EndlessQuantity(data, into) {
		return nil, nil, undecodable(kinds.ErrEndlessQuantity, &want, want, data)
	}
	var warnings []string
	obj, got, err := decoder.Decode(data, &want, into)
	strict, isStrict := runtime.AsStrictDecodingError(err)
	switch {
	case err != nil && (!isStrict || obj == nil):
		return nil, nil, undecodable(err, got, want, data)
	case got.Kind != want.Kind:
		return nil, nil, undecodable(kinds.UnknownConversion(obj, want), got, want, data)
	case isStrict && validation == metav1.FieldValidationStrict:
		return nil, nil, undecodable(err, got, want, data)
	case isStrict:
		warnings = apiserver.StrictWarnings(strict.Errors())
	}
	if got.GroupVersion() != want.GroupVersion() && !(got.Group == want.Group && slices.Contains(accepts, got.Version)) {
		return nil, nil, apierrors.NewBadRequest(fmt.Sprintf("the API version in the data (%s) does not match the expected API version (%s)", got.GroupVersion(), want.GroupVersion()))
	}
	return obj, warnings, nil
}

// undecodable is the 400 for a body that cannot be what it should.
func undecodable(err error, got *schema.GroupVersionKind, want schema.GroupVersionKind, data []byte) error {
	why := strings.ReplaceAll(err.Error(), kinds.Scheme().Name(), kinds.UpstreamSchemeName)
	if got != nil && got.Kind != "" {
		return apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %s", got.Kind, got.Version, want.Kind, why))
	}
	return apierrors.NewBadRequest(fmt.Sprintf("the object provided is unrecognized (must be of type %s): %s (%s)", want.Kind, why, beginning(data)))
}

// beginning shows the first bytes of a body: as they are if it may be JSON,
// else in hexadecimal.
func beginning(data []byte) string {
	const shown = 30
	if len(data) == 0 {
		return "<empty>"
	}
	more := ""
	text := data
	if len(data) > shown {
		text, more = data[:shown], " ..."
	}
	if data[0] == '{' {
		return string(text) + more
	}
	return hex.EncodeToString(text) + more
}
