package trace

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"
)

// TestRender reads turns and revisions as JSON and compares how they are
// shown. Arguments: verbose, color.
func TestRender(t *testing.T) {
	datadriven.RunTest(t, "testdata/render", func(t *testing.T, d *datadriven.TestData) string {
		style := Style{Color: d.HasArg("color"), Verbose: d.HasArg("verbose")}
		var out strings.Builder
		var err error
		switch d.Cmd {
		case "turns":
			for _, turn := range decode[[]Turn](t, d.Input) {
				require.NoError(t, Render(&out, &turn, style))
			}
		case "why":
			err = RenderWhy(&out, decode[[]Link](t, d.Input), style)
		case "history":
			err = RenderHistory(&out, decode[[]Revision](t, d.Input), style)
		default:
			d.Fatalf(t, "unknown command %q", d.Cmd)
		}
		require.NoError(t, err)
		return strings.ReplaceAll(out.String(), "\x1b", "ESC")
	})
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&v))
	return v
}
