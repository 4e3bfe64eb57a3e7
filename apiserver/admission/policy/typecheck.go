package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/cel/openapi/resolver"
	"k8s.io/kube-openapi/pkg/validation/spec"
	generated "k8s.io/kubernetes/pkg/generated/openapi"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/kinds/custom"
)

// TypeWarnings says what in a policy's expressions does not go with the types of
// a world that the policy is about. It is nil if nothing is wrong, or nothing is
// known of the types.
//
// Upstream: k8s.io/apiserver/pkg/admission/plugin/policy/validating (TypeChecker), called; the numbers that make its names for types unique are taken out of the warnings, since they are drawn from the time of day.
func TypeWarnings(p *admissionregistrationv1.ValidatingAdmissionPolicy, in custom.World) []admissionregistrationv1.ExpressionWarning {
	types := &typesOf{in: in}
	checker := validating.TypeChecker{SchemaResolver: types, RestMapper: types}
	warnings := checker.Check(p)
	for i := range warnings {
		warnings[i].Warning = types.withoutNumbers(warnings[i].Warning)
	}
	return warnings
}

// typesOf finds the types of a world for upstream's checker. The schemas of
// built-in types are large, so nothing of them outlives a check.
type typesOf struct {
	meta.RESTMapper // nil: the checker asks for nothing but KindsFor
	in              custom.World
	builtIn         *resolver.DefinitionsSchemaResolver
	seen            []string // kinds whose schemas were asked for
}

// KindsFor lists the kinds that a resource of a policy may mean. The empty group
// stands for any, as it does for upstream's mapper.
func (t *typesOf) KindsFor(gvr schema.GroupVersionResource) ([]schema.GroupVersionKind, error) {
	var found []schema.GroupVersionKind
	for _, k := range t.in.All() {
		if k.Resource != gvr.Resource && k.Singular != gvr.Resource || k.Internal {
			continue
		}
		for _, gv := range servedIn(k) {
			if gv.Version == gvr.Version && (gvr.Group == "" || gv.Group == gvr.Group) {
				found = append(found, gv.WithKind(k.Kind))
			}
		}
	}
	if len(found) == 0 {
		return nil, &meta.NoResourceMatchError{PartialResource: gvr}
	}
	return found, nil
}

func servedIn(k *kinds.Kind) []schema.GroupVersion {
	all := append([]schema.GroupVersion{k.GroupVersion()}, k.Aliases...)
	for _, v := range k.Versions {
		all = append(all, schema.GroupVersion{Group: k.Group, Version: v})
	}
	return all
}

// ResolveSchema implements resolver.SchemaResolver.
func (t *typesOf) ResolveSchema(gvk schema.GroupVersionKind) (*spec.Schema, error) {
	t.seen = append(t.seen, gvk.Kind)
	k, ok := t.in.ByKind(gvk.GroupKind())
	if ok && k.Custom != nil {
		return customSchema(k, gvk)
	}
	if t.builtIn == nil {
		t.builtIn = resolver.NewDefinitionsSchemaResolver(generated.GetOpenAPIDefinitions, kinds.Scheme())
	}
	return t.builtIn.ResolveSchema(gvk)
}

// customSchema is what a custom kind's version says of itself, with what it
// refers to.
func customSchema(k *kinds.Kind, gvk schema.GroupVersionKind) (*spec.Schema, error) {
	version := k.Custom.Version(gvk.Version)
	if version == nil {
		return nil, fmt.Errorf("cannot resolve %v: %w", gvk, resolver.ErrSchemaNotFound)
	}
	document, err := version.Custom.OpenAPIV3()
	if err != nil {
		return nil, err
	}
	const prefix = "#/components/schemas/"
	for name, s := range document.Components.Schemas { // any order: one at the most is of the kind
		if isOf(s, gvk) {
			return resolver.PopulateRefs(func(ref string) (*spec.Schema, bool) {
				found, ok := document.Components.Schemas[strings.TrimPrefix(ref, prefix)]
				return found, ok
			}, prefix+name)
		}
	}
	return nil, fmt.Errorf("cannot resolve %v: %w", gvk, resolver.ErrSchemaNotFound)
}

func isOf(s *spec.Schema, gvk schema.GroupVersionKind) bool {
	var of []map[string]any
	switch said := s.Extensions["x-kubernetes-group-version-kind"].(type) {
	case []any:
		for _, one := range said {
			if m, ok := one.(map[string]any); ok {
				of = append(of, m)
			}
		}
	case []map[string]any:
		of = said
	}
	return slices.ContainsFunc(of, func(m map[string]any) bool {
		return m["group"] == gvk.Group && m["version"] == gvk.Version && m["kind"] == gvk.Kind
	})
}

// withoutNumbers takes the checker's numbers out of the names of types. The lines
// that quote the expression stay as they are.
func (t *typesOf) withoutNumbers(warning string) string {
	lines := strings.Split(warning, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, " |") {
			continue
		}
		for _, kind := range t.seen {
			lines[i] = regexp.MustCompile(`\b`+regexp.QuoteMeta(kind)+`\d+\b`).ReplaceAllString(lines[i], kind)
		}
	}
	return strings.Join(lines, "\n")
}
