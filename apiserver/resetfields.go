package apiserver

import (
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"github.com/minik8s/minik8s/kinds"
)

// resetFields are the fields that a request through this path cannot write,
// whatever its body says, so that it does not become their manager: the status
// through the object itself, and all but the status through "status". They
// mirror what the kinds' PrepareUpdate puts back.
//
// Upstream: pkg/registry (GetResetFields of the strategies).
func (c *call) resetFields() map[fieldpath.APIVersion]fieldpath.Filter {
	paths := resetPaths(c.Kind, c.GroupResource, c.req.Subresource)
	if len(paths) == 0 {
		return nil
	}
	filter := fieldpath.NewExcludeSetFilter(fieldpath.NewSet(paths...))
	filters := map[fieldpath.APIVersion]fieldpath.Filter{}
	for _, gv := range servedVersions(c.Kind) {
		filters[fieldpath.APIVersion(gv.String())] = filter
	}
	return filters
}

func resetPaths(k *kinds.Kind, gr schema.GroupResource, subresource string) []fieldpath.Path {
	switch subresource {
	case "", "finalize":
		switch {
		case k.Status == nil:
			return nil
		case gr == certificateSigningRequests:
			return paths("spec", "status")
		}
		return paths("status")
	case "status":
		switch {
		case k.Status != nil && k.Status.KeepsMetadata:
			return paths("spec", "metadata")
		case gr == pods:
			return paths("spec", "metadata.deletionTimestamp", "metadata.ownerReferences")
		case gr == deployments:
			return paths("spec", "metadata.labels")
		case gr == certificateSigningRequests:
			return paths("spec", "status.conditions")
		}
		return paths("spec")
	case "approval":
		return paths("spec", "status.certificate")
	}
	return nil
}

// paths are written with dots.
func paths(dotted ...string) []fieldpath.Path {
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
