package scenario

import (
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"github.com/minik8s/minik8s"
)

// TestScripts runs the scripts in testdata, each on a settled cluster of two
// nodes. `go test ./scenario -rewrite` writes their answers anew.
func TestScripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		c, err := minik8s.New(minik8s.Options{Nodes: 2, Invariants: minik8s.Invariants()})
		require.NoError(t, err)
		c.Store().CheckImmutable()
		r, err := NewRunner(c, t.TempDir())
		require.NoError(t, err)
		require.Empty(t, r.Run("quietly settle", ""))
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			line := strings.TrimSpace(d.Cmd + " " + strings.Join(arguments(d), " "))
			if printed := r.Run(line, d.Input); printed != "" {
				return printed
			}
			return "ok\n"
		})
		require.NoError(t, c.Store().VerifyImmutable())
	})
}

// arguments puts a command line together again that datadriven has taken apart.
func arguments(d *datadriven.TestData) []string {
	var words []string
	for _, a := range d.CmdArgs {
		words = append(words, a.String())
	}
	return words
}
