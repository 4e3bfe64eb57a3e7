package wire

import (
	"bytes"
	"errors"
	"io"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"
)

// eventStream is the body of the answer to a watch: one frame an event.
type eventStream struct {
	*exchange
	rep        *representation
	controller *http.ResponseController
	patience   *patience
	out        io.Writer // adds what separates one frame from the next
	// unsent says that there are frames which were not flushed yet.
	unsent bool
}

func newEventStream(x *exchange, rep *representation) (*eventStream, error) {
	if rep.stream == nil {
		_, streams := negotiation.MediaTypesForSerializer(codecs)
		return nil, negotiation.NewNotAcceptableError(streams)
	}
	controller := http.NewResponseController(x.w)
	return &eventStream{
		exchange:   x,
		rep:        rep,
		controller: controller,
		patience:   newPatience(x.Patience, controller),
		out:        rep.stream.Framer.NewFrameWriter(x.w),
	}, nil
}

// begin sends the header, so that the client knows that the watch stands.
func (s *eventStream) begin() {
	mediaType := s.rep.mediaType
	if mediaType != runtime.ContentTypeJSON {
		mediaType += ";stream=watch"
	}
	s.w.Header().Set("Content-Type", mediaType)
	s.w.WriteHeader(http.StatusOK)
	s.controller.Flush() // an error comes back with the first event
}

// send writes one event; flush sends it on its way. revision is that of the
// change, zero for an event that other watches are not likely to send.
func (s *eventStream) send(event watch.Event, revision int64) error {
	encode := func() ([]byte, error) { return s.encode(event) }
	var encoded []byte
	var err error
	if revision == 0 || s.rep.table != nil { // a Table shows ages, and headers only once
		encoded, err = encode()
	} else {
		encoded, err = s.frames.get(s.key(event.Type, revision), encode)
	}
	if err != nil {
		return err
	}
	if !s.unsent {
		s.unsent = true
		// A client that does not read is cut off; it can come back and resume.
		// In-process clients are waited for.
		s.patience.begin()
	}
	if _, err := s.out.Write(encoded); err != nil {
		return errGone
	}
	return nil
}

// errGone ends a watch whose client has left.
var errGone = errors.New("the client is gone")

func (s *eventStream) key(event watch.EventType, revision int64) frameKey {
	key := frameKey{kind: s.endpoint.kind, resource: s.endpoint.resource, revision: revision, event: event, mediaType: s.rep.mediaType}
	if s.rep.convert != nil {
		key.convert = *s.rep.convert
	}
	return key
}

func (s *eventStream) encode(event watch.Event) ([]byte, error) {
	if event.Type != watch.Bookmark && s.rep.sharesEncodings() {
		return s.encodeShared(event)
	}
	obj, err := s.rep.object(event.Object)
	if err != nil {
		return nil, err
	}
	return s.encodeEvent(event.Type, obj)
}

// encodeShared puts an event together from its object's encoding.
func (s *eventStream) encodeShared(event watch.Event) ([]byte, error) {
	object, err := s.rep.encoded(event.Object)
	if err != nil {
		return nil, err
	}
	object = bytes.TrimSuffix(object, newline)
	frame := make([]byte, 0, len(object)+40)
	frame = append(append(append(frame, `{"type":"`...), event.Type...), `","object":`...)
	return append(append(frame, object...), "}\n"...), nil
}

func (s *eventStream) encodeEvent(event watch.EventType, obj runtime.Object) ([]byte, error) {
	var object, frame bytes.Buffer
	if err := s.rep.encoder.Encode(obj, &object); err != nil {
		return nil, err
	}
	out := &metav1.WatchEvent{Type: string(event), Object: runtime.RawExtension{Raw: bytes.TrimSuffix(object.Bytes(), []byte("\n"))}}
	if err := s.rep.stream.Serializer.Encode(out, &frame); err != nil {
		return nil, err
	}
	return frame.Bytes(), nil
}

// flush sends on their way what events there are.
func (s *eventStream) flush() error {
	if !s.unsent {
		return nil
	}
	s.unsent = false
	if s.controller.Flush() != nil {
		return errGone
	}
	s.patience.rest()
	return nil
}

// fail ends the stream with an ERROR event that says why.
func (s *eventStream) fail(err error) {
	if errors.Is(err, errGone) {
		return
	}
	encoded, err := s.encodeEvent(watch.Error, asStatus(err))
	if err != nil {
		return
	}
	if _, err := s.out.Write(encoded); err == nil {
		s.controller.Flush()
	}
}
