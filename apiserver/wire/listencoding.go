package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// writeList answers with a list of stored objects.
func (rep *representation) writeList(w http.ResponseWriter, r *http.Request, items []runtime.Object, m metav1.ListMeta) error {
	if rep.sharesEncodings() && areTyped(items) {
		return rep.writeEncodedList(w, r, items, m)
	}
	list, err := rep.list(items, m)
	if err != nil {
		return err
	}
	rep.write(w, r, http.StatusOK, list)
	return nil
}

// areTyped says whether there are items, all of Go types of their own: other
// lists are written in another order.
func areTyped(items []runtime.Object) bool {
	if len(items) == 0 {
		return false
	}
	_, untyped := items[0].(runtime.Unstructured)
	return !untyped
}

// writeEncodedList puts the list together from its items' encodings, as
// upstream's streaming encoder writes it: items do not say what they are.
func (rep *representation) writeEncodedList(w http.ResponseWriter, r *http.Request, items []runtime.Object, m metav1.ListMeta) error {
	first, err := rep.encoded(items[0]) // most errors would come from any item
	if err != nil {
		return err
	}
	meta, err := json.Marshal(m)
	if err != nil {
		return err
	}
	kind := rep.endpoint.list()
	says := typePrefix(rep.endpoint.body.Kind, rep.endpoint.body.GroupVersion().String())
	out := rep.body(w, r, http.StatusOK)
	fmt.Fprintf(out, `%s"metadata":%s,"items":[`, typePrefix(kind.Kind, kind.GroupVersion().String()), meta)
	for i, item := range items {
		data := first
		if i > 0 {
			if data, err = rep.encoded(item); err != nil {
				panic(http.ErrAbortHandler) // the client must not take half an answer for a whole one
			}
			out.Write(comma)
		}
		data = bytes.TrimSuffix(data, newline)
		if rest, ok := bytes.CutPrefix(data, says); ok {
			out.Write(brace)
			data = rest
		}
		if _, err := out.Write(data); err != nil {
			return nil // the client is gone
		}
	}
	out.Write(endOfList)
	out.close()
	return nil
}

var comma, brace, newline, endOfList = []byte(","), []byte("{"), []byte("\n"), []byte("]}\n")

// typePrefix is how the JSON of an object with a Go type begins.
func typePrefix(kind, apiVersion string) []byte {
	return fmt.Appendf(nil, `{"kind":%q,"apiVersion":%q,`, kind, apiVersion)
}
