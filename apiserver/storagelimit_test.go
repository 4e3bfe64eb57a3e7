package apiserver

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestJSONSize compares with what is really written.
func TestJSONSize(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `null`, `{"a":[1,-20,true,false,null,"x"],"b":{"c":{},"d":[{}]}}`, `1.5`,
		`"\"\\\n\r\t\b\f\u0001\u001f<>&\u2028\u2029é世😀"`, `{"<key>":""}`,
	} {
		var value any
		decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
		require.NoError(t, decoder.Decode(&value))
		written, err := json.Marshal(value)
		require.NoError(t, err)
		require.Equal(t, len(written), jsonSize(value), text)
	}
	require.Equal(t, len("-120"), jsonSize(int64(-120)))
}
