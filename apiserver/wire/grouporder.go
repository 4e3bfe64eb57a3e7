package wire

import (
	"cmp"

	"k8s.io/apimachinery/pkg/version"

	"github.com/minik8s/minik8s/kinds"
)

// compareGroups puts the group that is meant, when a resource is named without
// one, before the others.
func compareGroups(a, b group) int {
	return cmp.Or(
		cmp.Compare(groupPriority(b), groupPriority(a)),
		cmp.Compare(a.name, b.name),
	)
}

// groupPriority is the highest of its versions'.
func groupPriority(g group) int32 {
	var highest int32
	for _, v := range g.versions {
		p, _ := kinds.PriorityOf(v.GroupVersion)
		highest = max(highest, p.GroupMinimum)
	}
	return highest
}

// compareVersions puts the most stable and newest first: v2, v1, v1beta1.
func compareVersions(a, b groupVersion) int {
	return version.CompareKubeAwareVersionStrings(b.Version, a.Version)
}
