package kinds

import (
	"reflect"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
)

// maxExponentDigits is how long the exponent of a quantity may be. The largest
// quantity there is has 18 zeros.
const maxExponentDigits = 5

// EndlessQuantity says whether the body of a request for some kind has what may
// be a quantity that nobody can calculate with: 1e2147483647 is ten bytes, and
// writing it out takes hours. It is to be asked before anyone reads the body.
//
// Upstream: k8s.io/apimachinery/pkg/api/resource (ParseQuantity), with a limit to exponents; upstream is busy until the request times out, and longer.
func EndlessQuantity(body []byte, obj runtime.Object) bool {
	return hasLongExponent(body) && holdsQuantity(reflect.TypeOf(obj), map[reflect.Type]bool{})
}

// ErrEndlessQuantity is what upstream says to numbers that it cannot read.
var ErrEndlessQuantity = resource.ErrNumeric

// hasLongExponent finds a digit, an e and more digits than are allowed, in any
// form that a body may have.
func hasLongExponent(body []byte) bool {
	for i := 1; i < len(body); i++ {
		if body[i]|0x20 != 'e' || !isDigit(body[i-1]) && body[i-1] != '.' {
			continue
		}
		start := i + 1
		if start < len(body) && (body[start] == '+' || body[start] == '-') {
			start++
		}
		end := start
		for end < len(body) && isDigit(body[end]) {
			end++
		}
		if end-start > maxExponentDigits {
			return true
		}
	}
	return false
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

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
