package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"
)

// pkg is a package that says something about upstream.
type pkg struct {
	dir   string // "." for the module's root
	notes []note
}

// note is one comment that starts with "Upstream:".
type note struct {
	file string // its name within the package
	text string // on one line, without the marker
}

// collect reads the notes of all packages, in the order of their names, and
// within a package in the order of files and lines. Tests do not count.
func collect(root fs.FS) ([]pkg, error) {
	var packages []pkg
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && isElsewhere(root, name):
			return fs.SkipDir
		case d.IsDir():
			p, err := collectPackage(root, name)
			if len(p.notes) > 0 {
				packages = append(packages, p)
			}
			return err
		}
		return nil
	})
	return packages, err
}

// isElsewhere: not a directory of the product's code.
func isElsewhere(root fs.FS, dir string) bool {
	if dir == "." {
		return false
	}
	_, err := fs.Stat(root, path.Join(dir, "go.mod"))
	return err == nil || dir == "internal" || path.Base(dir) == "testdata" || strings.HasPrefix(path.Base(dir), ".")
}

func collectPackage(root fs.FS, dir string) (pkg, error) {
	p := pkg{dir: dir}
	entries, err := fs.ReadDir(root, dir)
	if err != nil {
		return p, err
	}
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		name := path.Join(dir, e.Name())
		source, err := fs.ReadFile(root, name)
		if err != nil {
			return p, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return p, err
		}
		for _, group := range file.Comments {
			for _, text := range notesIn(group) {
				p.notes = append(p.notes, note{e.Name(), text})
			}
		}
	}
	return p, nil
}

// notesIn finds the notes in a comment. A note goes on over the following
// lines until an empty one, or the next note.
func notesIn(group *ast.CommentGroup) (notes []string) {
	open := false
	for _, c := range group.List {
		line := strings.TrimSpace(strings.TrimPrefix(c.Text, "//"))
		text, starts := strings.CutPrefix(line, "Upstream: ")
		switch {
		case starts:
			notes, open = append(notes, text), true
		case line == "":
			open = false
		case open:
			notes[len(notes)-1] += " " + line
		}
	}
	return notes
}
