package archtest

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// core are the packages that have to behave the same in every run: layers 1
// and 2, and the engine.
func core() []string {
	var dirs []string
	for dir, layer := range layers {
		if layer == 1 || layer == 2 || dir == "engine" {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	return dirs
}

// checked is a package with its types, which is what the rules look at.
type checked struct {
	dir   string
	fset  *token.FileSet
	files []*ast.File
	info  *types.Info
}

// violation is a broken rule.
type violation struct {
	pos     token.Pos
	message string
}

// listed is what the go command says of a package.
type listed struct {
	dir, export string
	files       []string
}

// listCore asks the go command for the core and all that it imports, with the
// compiler's export data. The go command compiles what is not in its cache
// yet; after a build or a test of the core that is nothing.
func listCore(t *testing.T) map[string]listed {
	t.Helper()
	args := []string{"list", "-deps", "-export", "-f", "{{.ImportPath}}\t{{.Dir}}\t{{.Export}}\t{{join .GoFiles \" \"}}"}
	for _, dir := range core() {
		args = append(args, module+"/"+dir)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err, "go list")

	packages := map[string]listed{}
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		packages[f[0]] = listed{dir: f[1], export: f[2], files: strings.Fields(f[3])}
	}
	return packages
}

// checkCore finds the types of all core packages, and then of the packages in testdata.
func checkCore(t *testing.T) (packages []*checked, fixture func(dir string) *checked) {
	t.Helper()
	known, fset := listCore(t), token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		p, ok := known[path]
		if !ok {
			return nil, fmt.Errorf("%s is not among the dependencies", path)
		}
		return os.Open(p.export)
	})
	check := func(dir, path string, names []string) *checked {
		p := &checked{dir: dir, fset: fset, info: &types.Info{
			Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{},
		}}
		for _, name := range names {
			file, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
			require.NoError(t, err)
			p.files = append(p.files, file)
		}
		config := types.Config{Importer: imports}
		_, err := config.Check(path, fset, p.files, p.info)
		require.NoError(t, err)
		return p
	}
	for _, dir := range core() {
		l, ok := known[module+"/"+dir]
		require.True(t, ok, "%s is not listed", dir)
		names := make([]string, len(l.files))
		for i, name := range l.files {
			names[i] = filepath.Join(l.dir, name)
		}
		packages = append(packages, check(dir, module+"/"+dir, names))
	}
	return packages, func(dir string) *checked {
		names, err := filepath.Glob(filepath.Join("testdata", dir, "*.go"))
		require.NoError(t, err)
		require.NotEmpty(t, names)
		return check(dir, dir, names)
	}
}

// rules are what holds in the core.
var rules = []func(*checked) []violation{bans, orders}

// TestTheCoreIsDeterministic also holds the rules against testdata, where
// each line that breaks one says so in a comment: // BAD: part of the message.
func TestTheCoreIsDeterministic(t *testing.T) {
	packages, fixture := checkCore(t)
	for _, p := range packages {
		for _, v := range p.violations() {
			t.Errorf("%s: %s", where(p.fset, v.pos), v.message)
		}
	}
	for _, dir := range []string{"bans", "orders"} {
		t.Run(dir, func(t *testing.T) { compareWithComments(t, fixture(dir)) })
	}
}

func (p *checked) violations() []violation {
	var all []violation
	for _, rule := range rules {
		all = append(all, rule(p)...)
	}
	slices.SortFunc(all, func(a, b violation) int { return int(a.pos - b.pos) })
	return all
}

var bad = regexp.MustCompile(`// BAD: (.*)`)

func compareWithComments(t *testing.T, p *checked) {
	want := map[string]string{}
	for _, f := range p.files {
		for _, group := range f.Comments {
			for _, c := range group.List {
				if m := bad.FindStringSubmatch(c.Text); m != nil {
					want[where(p.fset, c.Pos())] = m[1]
				}
			}
		}
	}
	require.NotEmpty(t, want)
	met := map[string]bool{}
	for _, v := range p.violations() {
		line := where(p.fset, v.pos)
		assert.NotEmpty(t, want[line], "%s: %s", line, v.message)
		met[line] = met[line] || strings.Contains(v.message, want[line])
	}
	for line, message := range want {
		assert.True(t, met[line], "%s: nothing was found here, instead of: %s", line, message)
	}
}
