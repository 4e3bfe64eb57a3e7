package apiserver

import (
	"strings"

	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/minik8s/minik8s/kinds"
)

// resetFields are the fields that a request through this path cannot write,
// whatever its body says, so that it does not become their manager: the status
// through the object itself, and all but the status through "status". They
// mirror what the kinds' PrepareUpdate puts back.
//
// Upstream: pkg/registry (GetResetFields and GetResetFieldsFilter of the strategies).
func (c *call) resetFields() map[fieldpath.APIVersion]fieldpath.Filter {
	filter := resetFilter(c.Kind, c.req.Subresource)
	if filter == nil {
		return nil
	}
	filters := map[fieldpath.APIVersion]fieldpath.Filter{}
	for _, gv := range servedVersions(c.Kind) {
		filters[fieldpath.APIVersion(gv.String())] = filter
	}
	return filters
}

func resetFilter(k *kinds.Kind, subresource string) fieldpath.Filter {
	reset := resetPaths(k, subresource)
	if len(reset) == 0 {
		return nil
	}
	return fieldpath.NewExcludeSetFilter(fieldpath.NewSet(paths(reset)...))
}

// resetPaths are those that are put back, with dots.
func resetPaths(k *kinds.Kind, subresource string) []string {
	if subresource == "" || subresource == "finalize" {
		switch {
		case k.Status == nil:
			return nil
		case k.ResetFields != nil:
			return k.ResetFields
		}
		return []string{"status"}
	}
	strategy := strategyOf(k, subresource)
	switch {
	case strategy == nil:
		return nil
	case strategy.ResetFields != nil:
		return strategy.ResetFields
	}
	return []string{"spec"}
}

// strategyOf is how a subresource is written, or nil.
func strategyOf(k *kinds.Kind, subresource string) *kinds.Subresource {
	if subresource == "status" {
		return k.Status
	}
	for _, o := range k.Others {
		if o.Name == subresource {
			return o.Strategy
		}
	}
	return nil
}

// paths are written with dots.
func paths(dotted []string) []fieldpath.Path {
	var all []fieldpath.Path
	for _, text := range dotted {
		var path fieldpath.Path
		for name := range strings.SplitSeq(text, ".") {
			path = append(path, fieldpath.PathElement{FieldName: &name})
		}
		all = append(all, path)
	}
	return all
}
