package minik8s_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The documents cannot rot: what they point to is there, and the Go they show
// is a part of a file that is compiled. Their console sessions are run by the
// tests of cmd/minik8s.

var (
	link    = regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	snippet = regexp.MustCompile("(?ms)^```(go|gomod)\n(.*?)^```$")
)

func TestDocumentsPointToWhatIsThere(t *testing.T) {
	for name, text := range documents(t) {
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			target := match[1]
			if strings.Contains(target, "://") {
				continue
			}
			_, err := os.Stat(path.Join(path.Dir(name), target))
			require.NoError(t, err, "%s links to %s", name, target)
		}
	}
}

func TestSnippetsAreCode(t *testing.T) {
	sources := map[string]string{"go": sourceOf(t, ".go"), "gomod": sourceOf(t, "go.mod")}
	shown := 0
	for name, text := range documents(t) {
		for _, match := range snippet.FindAllStringSubmatch(text, -1) {
			language, code := match[1], match[2]
			require.Contains(t, sources[language], code, "%s shows code that is in no %s file:\n%s", name, language, code)
			shown++
		}
	}
	require.NotZero(t, shown)
}

// documents are the texts of all Markdown files, by path.
func documents(t *testing.T) map[string]string {
	texts := map[string]string{}
	eachFile(t, ".md", func(name, text string) { texts[name] = text })
	require.Contains(t, texts, "README.md")
	return texts
}

func sourceOf(t *testing.T, suffix string) string {
	var all strings.Builder
	eachFile(t, suffix, func(_, text string) { all.WriteString(text) })
	return all.String()
}

// eachFile reads the repository's files whose names end so.
func eachFile(t *testing.T, suffix string, f func(name, text string)) {
	require.NoError(t, fs.WalkDir(os.DirFS("."), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && name != "."):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, suffix):
			return nil
		}
		text, err := os.ReadFile(name)
		f(name, string(text))
		return err
	}))
}
