package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
)

// maxNesting is how many messages of protobuf may be one inside the other: as
// many as objects may be in JSON.
const maxNesting = 10000

var errTooDeep = errors.New("exceeded max depth")

// nestsTooDeep says whether a body in protobuf may hold messages nested deeper
// than any object is. Schemas have schemas in them, and reading some hundred
// thousand of them takes more stack than a process may have, which no panic
// handler can mend.
//
// Upstream: k8s.io/apimachinery/pkg/runtime/serializer/protobuf (Serializer.Decode), with a limit to nesting, the one that JSON has; upstream runs out of stack.
func nestsTooDeep(data []byte) bool {
	data, ok := bytes.CutPrefix(data, []byte("k8s\x00"))
	return ok && nestsDeeper(data, maxNesting)
}

// Wire types of protobuf, the low three bits of a field's key.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// nestsDeeper takes all bytes for a message, also those that are text: text
// ceases to look like one soon. Each byte is looked at once.
func nestsDeeper(data []byte, levels int) bool {
	if levels == 0 {
		return true
	}
	for len(data) > 0 {
		key, n := binary.Uvarint(data)
		if n <= 0 {
			return false
		}
		data = data[n:]
		skip := 0
		switch key & 7 {
		case wireVarint:
			_, skip = binary.Uvarint(data)
		case wireFixed64:
			skip = 8
		case wireFixed32:
			skip = 4
		case wireBytes:
			size, n := binary.Uvarint(data)
			if n <= 0 || size > uint64(len(data)-n) {
				return false
			}
			skip = n + int(size)
			if nestsDeeper(data[n:skip], levels-1) {
				return true
			}
		}
		if skip < 0 || skip > len(data) {
			return false
		}
		data = data[skip:]
	}
	return false
}
