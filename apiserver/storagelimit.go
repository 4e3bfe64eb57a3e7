package apiserver

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/minik8s/minik8s/kinds"
)

// Limits in bytes of what etcd takes in one request, and what its client sends.
const (
	maxStored = 3 * 1024 * 1024 / 2
	maxSent   = 2 * 1024 * 1024
)

var errTooLarge = errors.New("etcdserver: request is too large")

// fitting makes the value that is stored for obj. If that is more than etcd
// takes, the managers go, which can take much room; the manager that applies
// is not to lose its fields, and gets the error.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/handlers (isTooLargeError), counting the object alone, without the hundred bytes or so that its key and the request to etcd take.
func (c *call) fitting(obj kinds.Object) (kinds.Object, error) {
	value, err := c.storable(obj)
	if err != nil {
		return nil, err
	}
	err = checkSize(value)
	if err == nil || !c.mayDropManagers() {
		return value, err
	}
	obj.SetManagedFields(nil)
	if value, err = c.storable(obj); err != nil {
		return nil, err
	}
	return value, checkSize(value)
}

func (c *call) mayDropManagers() bool {
	switch c.req.Verb {
	case Create, Update:
		return true
	case Patch:
		return c.req.PatchType != types.ApplyYAMLPatchType
	}
	return false
}

func checkSize(value kinds.Object) error {
	size := storedSize(value)
	if size > maxSent {
		return fmt.Errorf("rpc error: code = ResourceExhausted desc = trying to send message larger than max (%d vs. %d)", size, maxSent)
	}
	if size > maxStored {
		return errTooLarge
	}
	return nil
}

// storedSize is what an object takes in etcd: in protobuf or, if it is custom,
// in JSON. What only the simulator stores has no size.
func storedSize(value kinds.Object) int {
	switch o := value.(type) {
	case interface{ Size() int }:
		return o.Size()
	case *unstructured.Unstructured:
		return jsonSize(o.Object)
	}
	return 0
}

// jsonSize is how long a decoded value is in JSON.
func jsonSize(value any) int {
	switch v := value.(type) {
	case map[string]any:
		size := len("{}") + max(0, len(v)-1)
		for key, field := range v {
			size += textSize(key) + len(":") + jsonSize(field)
		}
		return size
	case []any:
		size := len("[]") + max(0, len(v)-1)
		for _, element := range v {
			size += jsonSize(element)
		}
		return size
	case string:
		return textSize(v)
	case int64:
		return len(strconv.AppendInt(make([]byte, 0, 20), v, 10))
	case bool:
		return len(strconv.FormatBool(v))
	case nil:
		return len("null")
	}
	return len(fmt.Sprint(value))
}

// textSize counts what is escaped, also what is only for HTML.
func textSize(s string) int {
	size := len(s) + len(`""`)
	for _, r := range s {
		switch {
		case r == '"' || r == '\\' || r == '\n' || r == '\r' || r == '\t' || r == '\b' || r == '\f':
			size += len(`\n`) - 1
		case r < ' ' || r == '<' || r == '>' || r == '&' || r == '\u2028' || r == '\u2029':
			size += len(`\u0000`) - utf8.RuneLen(r)
		}
	}
	return size
}
