package wire

import (
	"bytes"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// maxEncodings bounds what is kept, in bytes.
const maxEncodings = 6 << 20

// encodings keeps the JSON of the objects that were sent last, so that one
// encoding of an object serves its writer, all lists and all watches. Stored
// objects are frozen and a write makes a new one, so that an object's identity
// is enough to know it by.
type encodings struct {
	mu    sync.RWMutex
	known map[encodingKey][]byte
	order []encodingKey // oldest first
	size  int
}

// encodingKey says what an encoding depends on: the object and the kind that
// the client speaks.
type encodingKey struct {
	object runtime.Object
	as     schema.GroupVersionKind
}

func newEncodings() *encodings { return &encodings{known: map[encodingKey][]byte{}} }

func (e *encodings) get(key encodingKey) ([]byte, bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	data, ok := e.known[key]
	return data, ok
}

// put takes over data, which nobody may change from now on.
func (e *encodings) put(key encodingKey, data []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.known[key]; ok {
		return
	}
	for e.size+len(data) > maxEncodings && len(e.order) > 0 {
		e.size -= len(e.known[e.order[0]])
		delete(e.known, e.order[0])
		e.order = e.order[1:]
	}
	e.known[key] = data
	e.order = append(e.order, key)
	e.size += len(data)
}

// sharesEncodings says whether the client wants objects in the one form that
// is kept: themselves, as plain JSON.
func (rep *representation) sharesEncodings() bool {
	return rep.convert == nil && rep.mediaType == runtime.ContentTypeJSON && !rep.pretty && rep.endpoint.body.Kind == rep.endpoint.kind.Kind
}

// encoded is a stored object as JSON, with a line's end. It is shared.
func (rep *representation) encoded(obj runtime.Object) ([]byte, error) {
	key := encodingKey{obj, rep.endpoint.body}
	if data, ok := rep.encodings.get(key); ok {
		return data, nil
	}
	shown, err := rep.object(obj)
	if err != nil {
		return nil, err
	}
	var data bytes.Buffer
	if err := rep.encoder.Encode(shown, &data); err != nil {
		return nil, err
	}
	kept := bytes.Clone(data.Bytes())
	rep.encodings.put(key, kept)
	return kept, nil
}
