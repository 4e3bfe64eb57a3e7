package archtest

import (
	"go/parser"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// layers is the picture of the packages: imports go down only, so neither up
// nor sideways. A package that is not in it does not belong anywhere yet.
var layers = map[string]int{
	"cmd/minik8s": 6,

	"scenario": 5, "ui": 5, "control": 5,

	"": 4, // the facade

	"engine": 3, "apiserver/wire": 3,
	"view/decisiontest": 3, // for tests: what the components of layer 2 are tested with

	"apiserver": 2, "apiserver/admission": 2, "view": 2,
	"apiserver/admission/match": 2, "apiserver/admission/webhook": 2, "apiserver/admission/policy": 2,
	"apiserver/conversion": 2,
	"controllers":          2, "scheduler": 2, "kubeletsim": 2, "proxysim": 2,

	"apiserver/auth": 1, "apiserver/rbac": 1, "apiserver/nodeauth": 1, "apiserver/satoken": 1, "apiserver/authority": 1,
	"apiserver/quota": 1, "apiserver/outside": 1,
	"store": 1, "kinds": 1, "kinds/custom": 1, "trace": 1, "reconcile": 1, "reconcile/nodelocal": 1,

	// Tools of the repository, which nothing imports.
	"internal/archtest": 0, "internal/fidelity": 6, "internal/bench/wireload": 0,
}

// sideways are the imports within a layer: the door's parts, what an authoriser
// is told and reads, what makes kinds of definitions, and the simulator's own
// API types.
var sideways = map[string][]string{
	"apiserver":                   {"apiserver/admission", "apiserver/admission/webhook", "apiserver/admission/policy", "apiserver/conversion"},
	"apiserver/outside":           {"kinds"},
	"apiserver/admission/match":   {"apiserver/admission"},
	"apiserver/admission/webhook": {"apiserver/admission", "apiserver/admission/match"},
	"apiserver/admission/policy":  {"apiserver/admission", "apiserver/admission/match"},
	"apiserver/rbac":              {"apiserver/auth", "store"},
	"apiserver/nodeauth":          {"apiserver/auth", "apiserver/rbac", "store"},
	"apiserver/satoken":           {"apiserver/auth", "store"},
	"reconcile":                   {"reconcile/nodelocal"},
	"kinds":                       {"reconcile/nodelocal"},
	"kinds/custom":                {"kinds"},
}

// components decide and do nothing else, so they see the contract and
// Kubernetes' types, and no machinery of anybody's.
var components = []string{"controllers", "scheduler", "kubeletsim", "proxysim"}

var componentsMayImport = []string{
	module + "/reconcile",
	"k8s.io/api", "k8s.io/apimachinery", "k8s.io/component-helpers", "k8s.io/utils/ptr", "k8s.io/utils/dump",
	// The types of CustomResourceDefinitions are not in k8s.io/api, and what
	// an approval is stands beside them.
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1", "k8s.io/apiextensions-apiserver/pkg/apihelpers",
}

func TestImportsGoDown(t *testing.T) {
	fset, tree := parseTree(t, parser.ImportsOnly)
	for _, dir := range slices.Sorted(maps.Keys(tree)) {
		if _, ok := layers[dir]; !ok {
			t.Errorf("%s is not in the picture: give it a layer in layers_test.go", dir)
			continue
		}
		imports := imported(tree[dir])
		for _, path := range slices.Sorted(maps.Keys(imports)) {
			if target, ok := ours(path); ok && !mayImport(dir, target) {
				t.Errorf("%s: %s (layer %d) imports %s (layer %d)", where(fset, imports[path]), dir, layers[dir], target, layers[target])
			}
		}
	}
}

func mayImport(from, to string) bool {
	layer, ok := layers[to]
	return ok && layer > 0 && layer < layers[from] || slices.Contains(sideways[from], to)
}

func TestComponentsImportOnlyTheContract(t *testing.T) {
	fset, tree := parseTree(t, parser.ImportsOnly)
	for _, dir := range slices.Sorted(maps.Keys(tree)) {
		if !within(dir, components...) {
			continue
		}
		imports := imported(tree[dir])
		for _, path := range slices.Sorted(maps.Keys(imports)) {
			if !isStandard(path) && !within(path, componentsMayImport...) {
				t.Errorf("%s: %s imports %s; a component sees only reconcile and Kubernetes' API types", where(fset, imports[path]), dir, path)
			}
		}
	}
}

// isStandard: only the standard library has paths without a domain.
func isStandard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

func TestMayImport(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		want     bool
	}{
		{"cmd/minik8s", "store", true},
		{"engine", "apiserver", true},
		{"kinds", "reconcile/nodelocal", true},
		{"kinds", "reconcile", false},
		{"apiserver", "engine", false},
		{"engine", "apiserver/wire", false},
		{"view", "apiserver", false},
		{"", "internal/fidelity", false},
		{"cmd/minik8s", "nowhere", false},
	} {
		assert.Equal(t, tt.want, mayImport(tt.from, tt.to), "%s imports %s", tt.from, tt.to)
	}
	assert.True(t, isStandard("go/ast"))
	assert.False(t, isStandard("k8s.io/api/core/v1"))
	assert.True(t, within("k8s.io/api/core/v1", componentsMayImport...))
	assert.False(t, within("k8s.io/apiserver/pkg/storage", componentsMayImport...))
	assert.False(t, within("k8s.io/utils/clock", componentsMayImport...))
}
