package kinds

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

// maxExponentDigits is how long the exponent of a quantity may be. The largest
// quantity there is has 18 zeros.
const maxExponentDigits = 5

// EndlessQuantity says whether the body of a request for some kind, or a patch
// of it, has a quantity that nobody can calculate with: 1e2147483647 is ten
// bytes, and writing it out takes hours. It is to be asked before anyone else
// reads the body.
//
// Upstream: k8s.io/apimachinery/pkg/api/resource (ParseQuantity), with a limit to exponents; upstream is busy until the request times out, and longer.
func EndlessQuantity(body []byte, obj runtime.Object) bool {
	t := reflect.TypeOf(obj)
	if !mayHaveLongExponent(body) || !holdsQuantity(t, map[reflect.Type]bool{}) {
		return false
	}
	if bytes.HasPrefix(body, []byte("k8s\x00")) {
		return endlessInProtobuf(body)
	}
	if !json.Valid(body) {
		var err error
		if body, err = yaml.YAMLToJSON(body); err != nil {
			return false // nobody will read it
		}
	}
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("[")) {
		return endlessInOperations(body, t)
	}
	return endlessIn(body, t)
}

// ErrEndlessQuantity is what upstream says to numbers that it cannot read.
var ErrEndlessQuantity = resource.ErrNumeric

// mayHaveLongExponent is quick: a digit, an e and more digits than are allowed
// are not always a number, and an e may be written otherwise.
func mayHaveLongExponent(body []byte) bool {
	if bytes.Contains(body, []byte(`\u00`)) {
		return true
	}
	digits, exponent := 0, false
	for i, c := range body {
		switch {
		case '0' <= c && c <= '9':
			if digits++; exponent && digits > maxExponentDigits {
				return true
			}
		case c|0x20 == 'e':
			exponent, digits = i > 0, 0
		case (c == '+' || c == '-') && exponent && digits == 0:
		default:
			exponent, digits = false, 0
		}
	}
	return false
}

// isEndless says whether a text is a number with a long exponent.
func isEndless(text string) bool {
	const signs = "+-"
	i := strings.IndexAny(text, "eE")
	if i < 0 || strings.Trim(text[:i], "0123456789.+-") != "" {
		return false
	}
	exponent := strings.TrimLeft(strings.TrimLeft(text[i+1:], signs), "0")
	return strings.Trim(exponent, "0123456789") == "" && len(exponent) > maxExponentDigits
}

// endlessIn looks at what a JSON text has where a type has quantities. Of keys
// that are there twice, it sees both.
func endlessIn(text []byte, t reflect.Type) bool {
	r := json.NewDecoder(bytes.NewReader(text))
	r.UseNumber()
	return endlessValue(r, t)
}

func endlessValue(r *json.Decoder, t reflect.Type) bool {
	token, _ := r.Token() // the text is known to be valid
	isQuantity := t != nil && holder(t) == reflect.TypeFor[resource.Quantity]()
	switch v := token.(type) {
	case string:
		return isQuantity && isEndless(v)
	case json.Number:
		return isQuantity && isEndless(v.String())
	case json.Delim:
		for r.More() {
			below := t
			if v == '{' {
				key, _ := r.Token()
				below = fieldType(t, key.(string))
			} else {
				below = elementType(t)
			}
			if endlessValue(r, below) {
				return true
			}
		}
		r.Token() // the end of it
	}
	return false
}

// endlessInOperations looks at what a JSON patch puts where.
func endlessInOperations(patch []byte, t reflect.Type) bool {
	var operations []struct {
		Path  string          `json:"path"`
		Value json.RawMessage `json:"value"`
	}
	if json.Unmarshal(patch, &operations) != nil {
		return false // nobody will carry it out
	}
	for _, o := range operations {
		at := t
		for _, name := range strings.Split(o.Path, "/")[min(1, len(o.Path)):] {
			if holder(at) != nil && holder(at).Kind() == reflect.Slice {
				at = elementType(at)
			} else {
				at = fieldType(at, strings.NewReplacer("~1", "/", "~0", "~").Replace(name))
			}
		}
		if len(o.Value) > 0 && endlessIn(o.Value, at) {
			return true
		}
	}
	return false
}

// endlessInProtobuf finds a message that is a quantity: its only field is a
// string.
func endlessInProtobuf(body []byte) bool {
	for i, c := range body {
		if c != 1<<3|2 { // field 1, of a length
			continue
		}
		length, n := binary.Uvarint(body[i+1:])
		start := i + 1 + max(n, 0)
		if n <= 0 || length > uint64(len(body)-start) {
			continue
		}
		whole := binary.AppendUvarint(nil, length+uint64(1+n))
		if bytes.HasSuffix(body[:i], whole) && isEndless(string(body[start:start+int(length)])) {
			return true
		}
	}
	return false
}

// holder is what a pointer points to.
func holder(t reflect.Type) reflect.Type {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// elementType is the type of a list's items, or nil.
func elementType(t reflect.Type) reflect.Type {
	if t = holder(t); t == nil || t.Kind() != reflect.Slice {
		return nil
	}
	return t.Elem()
}

// fieldType is the type of what has a name in JSON, or nil.
func fieldType(t reflect.Type, name string) reflect.Type {
	t = holder(t)
	switch {
	case t == nil:
		return nil
	case t.Kind() == reflect.Map:
		return t.Elem()
	case t.Kind() != reflect.Struct:
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == name && tag != "" {
			return f.Type
		}
		if f.Anonymous && tag == "" {
			if found := fieldType(f.Type, name); found != nil {
				return found
			}
		}
	}
	return nil
}

// holdsQuantity says whether values of a type may have quantities in them.
func holdsQuantity(t reflect.Type, seen map[reflect.Type]bool) bool {
	if t == reflect.TypeFor[resource.Quantity]() {
		return true
	}
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return holdsQuantity(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsQuantity(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}
