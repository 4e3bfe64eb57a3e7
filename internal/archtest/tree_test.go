package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/minik8s/minik8s"

// root is the module's directory, seen from here.
const root = "../.."

// parseTree parses every file of the module that is not a test, by directory:
// "" is the root package. Files for all platforms are in it.
func parseTree(t *testing.T, mode parser.Mode) (*token.FileSet, map[string][]*ast.File) {
	t.Helper()
	fset, tree := token.NewFileSet(), map[string][]*ast.File{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if hidden := strings.HasPrefix(d.Name(), ".") && name != root; hidden || d.Name() == "testdata" || isModule(name) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(fset, name, nil, mode)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		if dir = filepath.ToSlash(dir); dir == "." {
			dir = ""
		}
		tree[dir] = append(tree[dir], file)
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, tree["store"], "the tree was found")
	return fset, tree
}

// isModule says whether a directory below the root is a module of its own,
// such as an example that imports ours.
func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil && filepath.Clean(dir) != filepath.Clean(root)
}

// imported lists what a package imports, with the position of the first import of each.
func imported(files []*ast.File) map[string]token.Pos {
	found := map[string]token.Pos{}
	for _, f := range files {
		for _, spec := range f.Imports {
			name, _ := strconv.Unquote(spec.Path.Value) // it has been parsed
			if found[name] == token.NoPos {
				found[name] = spec.Pos()
			}
		}
	}
	return found
}

// ours turns an import path into a directory of this module.
func ours(importPath string) (dir string, ok bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// within says whether dir is one of the parents or below one.
func within(dir string, parents ...string) bool {
	return slices.ContainsFunc(parents, func(p string) bool { return dir == p || strings.HasPrefix(dir, p+"/") })
}

// where is a position as an editor understands it, from the module's root.
func where(fset *token.FileSet, pos token.Pos) string {
	p := fset.Position(pos)
	name := filepath.ToSlash(p.Filename)
	if abs, err := filepath.Abs(root); err == nil && filepath.IsAbs(p.Filename) {
		if rel, err := filepath.Rel(abs, p.Filename); err == nil {
			name = filepath.ToSlash(rel)
		}
	}
	return path.Clean(strings.TrimPrefix(name, root+"/")) + ":" + strconv.Itoa(p.Line)
}
