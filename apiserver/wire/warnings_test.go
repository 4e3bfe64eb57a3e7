package wire

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWarningsAreCutShort(t *testing.T) {
	long := func(n int) string { return fmt.Sprintf("%d ", n) + strings.Repeat("ä", 1022) }
	require.Equal(t, []string{"a", "b"}, shortWarnings([]string{"a", "", "b", "a"}))
	require.Equal(t, []string{long(1), long(2), long(3), long(4)}, shortWarnings([]string{long(1), long(2), long(3), long(4)}))
	texts := shortWarnings([]string{long(1), long(2), long(3), long(4), "short"})
	require.Len(t, texts, 5)
	require.Equal(t, "1 "+strings.Repeat("ä", 254), texts[0])
	require.Equal(t, "short", texts[4])
	var many []string
	for n := range 100 {
		many = append(many, long(n))
	}
	require.Len(t, shortWarnings(many), 16)
}

// TestWarningsComeInParts: some are known before the request is carried out.
func TestWarningsComeInParts(t *testing.T) {
	w := httptest.NewRecorder()
	addWarnings(w, []string{`the "first"`, "bad\x00"})
	addWarnings(w, nil)
	addWarnings(w, []string{"second", `the "first"`})
	require.Equal(t, []string{`299 - "the \"first\""`, `299 - "second"`}, w.Header()["Warning"])
}
