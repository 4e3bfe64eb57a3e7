package wire_test

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

const customResourceDefinitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

// TestNestingInProtobuf sends schemas within schemas: to read too many of them
// would end the process.
func TestNestingInProtobuf(t *testing.T) {
	w := newWorld(t)
	code, answer, _ := w.send("POST", customResourceDefinitions, nestedSchema(9900), asProtobuf)
	require.Equal(t, 422, code, answer)
	require.Contains(t, answer, "spec.group: Required value")

	code, answer, _ = w.send("POST", customResourceDefinitions, nestedSchema(500_000), asProtobuf)
	require.Equal(t, 400, code, answer)
	require.Contains(t, answer, "the object provided is unrecognized (must be of type CustomResourceDefinition): exceeded max depth (6b387300")
}

// nestedSchema is a CustomResourceDefinition in protobuf, with that many
// schemas, each of which is what the one around it says "not" to.
func nestedSchema(depth int) string {
	const not, schema, schemaOfVersion, versions, spec, raw = 28, 1, 4, 7, 2, 2
	fields := append(slices.Repeat([]int{not}, depth), schema, schemaOfVersion, versions, spec, raw)
	// From the inside out, each field says how long all before it is.
	heads, size := make([][]byte, 0, len(fields)), 0
	for _, number := range fields {
		head := binary.AppendUvarint(nil, uint64(number<<3|2))
		head = binary.AppendUvarint(head, uint64(size))
		heads, size = append(heads, head), size+len(head)
	}
	slices.Reverse(heads)
	const typeMeta = "\x0a\x33\x0a\x17apiextensions.k8s.io/v1\x12\x18CustomResourceDefinition"
	return "k8s\x00" + typeMeta + string(slices.Concat(heads...))
}
