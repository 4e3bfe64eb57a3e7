package archtest

import (
	"go/ast"
	"go/parser"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestEveryPackageHasOneComment(t *testing.T) {
	_, tree := parseTree(t, parser.PackageClauseOnly|parser.ParseComments)
	for _, dir := range slices.Sorted(maps.Keys(tree)) {
		var comments []string
		for _, f := range tree[dir] {
			if f.Doc != nil {
				comments = append(comments, f.Doc.Text())
			}
		}
		name := tree[dir][0].Name.Name
		start := "Package " + name + " "
		if name == "main" {
			start = "Command " + path.Base(dir) + " "
		}
		switch {
		case len(comments) != 1:
			t.Errorf("%q has %d package comments, not one", dir, len(comments))
		case !strings.HasPrefix(comments[0], start):
			t.Errorf("the comment of %q does not start with %q", dir, start)
		case name != "main" && !strings.Contains(comments[0], "Read next:"):
			t.Errorf("the comment of %q does not say where to read next", dir)
		}
	}
}

// TestSizes only tells; see it with -v. A long file or function is a place to
// think again, not a mistake.
func TestSizes(t *testing.T) {
	const longFile, longFunction = 350, 70
	fset, tree := parseTree(t, parser.SkipObjectResolution)
	var files []int
	for _, dir := range slices.Sorted(maps.Keys(tree)) {
		for _, f := range tree[dir] {
			lines := fset.Position(f.FileEnd).Line
			files = append(files, lines)
			if lines > longFile {
				t.Logf("%s: %d lines", where(fset, f.Package), lines)
			}
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					if n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1; n > longFunction {
						t.Logf("%s: %s has %d lines", where(fset, fn.Pos()), fn.Name.Name, n)
					}
				}
			}
		}
	}
	slices.Sort(files)
	t.Logf("%d files; the median has %d lines, the ninetieth percentile %d", len(files), files[len(files)/2], files[len(files)*9/10])
}
