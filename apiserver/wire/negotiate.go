package wire

import (
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1beta1 "k8s.io/apimachinery/pkg/apis/meta/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"

	"github.com/minik8s/minik8s/kinds"
)

// codecs are JSON, YAML and protobuf, with lists written item by item. Only
// their plain serializers are used: upstream's converting codecs write a kind
// into the object at hand, and stored objects are frozen.
var codecs = serializer.NewCodecFactory(kinds.Scheme(),
	serializer.WithStreamingCollectionEncodingToJSON(),
	serializer.WithStreamingCollectionEncodingToProtobuf(),
)

var mediaTypes = codecs.SupportedMediaTypes()

// output is how a client wants its answer.
type output struct {
	mediaType string // of the Content-Type header
	pretty    bool   // for people: indented
	encoder   runtime.Encoder
	stream    *runtime.StreamSerializerInfo // nil: cannot be watched in this form
	// convert is set if not the object itself is wanted, but a Table of it or
	// its metadata.
	convert *schema.GroupVersionKind
}

// negotiate picks the first acceptable form from the Accept header. The error
// is a 406.
func negotiate(r *http.Request, allowed negotiation.EndpointRestrictions) (*output, error) {
	options, info, err := negotiation.NegotiateOutputMediaType(r, codecs, allowed)
	if err != nil {
		return nil, err
	}
	return &output{
		mediaType: info.MediaType,
		pretty:    info.Serializer == info.PrettySerializer,
		encoder:   info.Serializer,
		stream:    info.StreamSerializer,
		convert:   options.Convert,
	}, nil
}

// resourceRestrictions allow what can be made of any resource: a Table in a
// text form, if it has a table, and its metadata alone. What belongs to a
// custom resource is itself never sent in protobuf: a client that would take
// JSON as well gets that.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers (RequestScope.AllowsMediaTypeTransform).
type resourceRestrictions struct{ tables, custom bool }

func (a resourceRestrictions) AllowsMediaTypeTransform(_, subType string, target *schema.GroupVersionKind) bool {
	if target == nil {
		return !a.custom || subType != "vnd.kubernetes.protobuf"
	}
	if gv := target.GroupVersion(); gv != metav1.SchemeGroupVersion && gv != metav1beta1.SchemeGroupVersion {
		return false
	}
	switch target.Kind {
	case "Table":
		return a.tables && (subType == "json" || subType == "yaml")
	case "PartialObjectMetadata", "PartialObjectMetadataList":
		return true
	}
	return false
}
func (resourceRestrictions) AllowsServerVersion(v string) bool {
	return v == metav1.SchemeGroupVersion.Version
}
func (resourceRestrictions) AllowsStreamSchema(s string) bool { return s == "watch" }
