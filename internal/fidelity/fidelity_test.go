package main

import (
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

const root = "../.."

func TestPageIsUpToDate(t *testing.T) {
	packages, err := collect(os.DirFS(root))
	require.NoError(t, err)
	require.NotEmpty(t, packages)
	written, err := os.ReadFile(filepath.Join(root, page))
	require.NoError(t, err)
	require.Equal(t, render(served(), packages), string(written), "run: go run ./internal/fidelity")
}

func goFile(comments string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("package p\n\n" + comments + "\nvar X int\n")}
}

func TestCollect(t *testing.T) {
	packages, err := collect(fstest.MapFS{
		"go.mod":    {},
		"a_test.go": goFile("// Upstream: a test."),
		"scheduler/fit.go": goFile(`// Fit is a filter.
// Upstream: pkg/scheduler (Fit), without
// devices,
// or claims.
//
// This is about something else.
// Upstream: pkg/scheduler (Score).
// Upstream: pkg/scheduler (Normalize).
// `),
		"scheduler/add.go":          goFile("// not a note: Upstream: pkg/x.\n/* Upstream: nor this */"),
		"scheduler/bind.go":         goFile("func f() {\n\t// Upstream: pkg/scheduler (bind).\n}"),
		"controllers/rs.go":         goFile("// Upstream: pkg/controller (X_Y), for <T> and *."),
		"controllers/testdata/x.go": goFile("// Upstream: testdata."),
		"internal/fidelity/x.go":    goFile("// Upstream: a tool."),
		"examples/operator/go.mod":  {},
		"examples/operator/main.go": goFile("// Upstream: another module."),
		".git/x.go":                 goFile("// Upstream: hidden."),
		"controllers/plain.go":      goFile(""),
		"kinds/nothing.go":          goFile("// Says nothing."),
	})
	require.NoError(t, err)
	require.Equal(t, []pkg{
		{"controllers", []note{{"rs.go", "pkg/controller (X_Y), for <T> and *."}}},
		{"scheduler", []note{
			{"bind.go", "pkg/scheduler (bind)."},
			{"fit.go", "pkg/scheduler (Fit), without devices, or claims."},
			{"fit.go", "pkg/scheduler (Score)."},
			{"fit.go", "pkg/scheduler (Normalize)."},
		}},
	}, packages)
}

func TestCollectTellsOfBadSource(t *testing.T) {
	_, err := collect(fstest.MapFS{"bad.go": {Data: []byte("no package")}})
	require.ErrorContains(t, err, "bad.go:1")
}

func TestRender(t *testing.T) {
	text := render(nil, []pkg{
		{".", []note{{"minik8s.go", "all of it."}}},
		{"controllers", []note{{"rs.go", "pkg/controller (X_Y), for <T> and *."}}},
	})
	require.Contains(t, text, "# How like Kubernetes is it?")
	require.Contains(t, text, "\n## minik8s (the module's root)\n\n- [minik8s.go](../minik8s.go): all of it.\n")
	require.Contains(t, text, "\n## controllers\n\n- [rs.go](../controllers/rs.go): pkg/controller (X\\_Y), for \\<T> and \\*.\n")
}

func TestWriteWantsTheRoot(t *testing.T) {
	require.ErrorContains(t, write(t.TempDir()), "not in the module's root")
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), nil, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x.go"), goFile("// Upstream: pkg/x.").Data, 0o644))
	require.NoError(t, write(dir))
	written, err := os.ReadFile(filepath.Join(dir, page))
	require.NoError(t, err)
	require.Contains(t, string(written), "- [x.go](../x.go): pkg/x.\n")
}
