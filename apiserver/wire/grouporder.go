package wire

import (
	"cmp"

	"k8s.io/apimachinery/pkg/version"
)

// groupPriority says which group is meant when a resource is named without
// one: the highest. Upstream: the priorities of its APIServices
// (cmd/kube-apiserver/app/aggregator.go).
var groupPriority = map[string]int{
	"":                             18000,
	"apps":                         17800,
	"events.k8s.io":                17750,
	"authentication.k8s.io":        17700,
	"authorization.k8s.io":         17600,
	"autoscaling":                  17500,
	"batch":                        17400,
	"certificates.k8s.io":          17300,
	"networking.k8s.io":            17200,
	"policy":                       17100,
	"rbac.authorization.k8s.io":    17000,
	"storage.k8s.io":               16800,
	"apiextensions.k8s.io":         16700,
	"admissionregistration.k8s.io": 16700,
	"scheduling.k8s.io":            16600,
	"coordination.k8s.io":          16500,
	"node.k8s.io":                  16300,
	"discovery.k8s.io":             16200,
	"resource.k8s.io":              16200,
	"flowcontrol.apiserver.k8s.io": 16100,
	"storagemigration.k8s.io":      15800,
}

// compareGroups orders groups by priority, then by name.
func compareGroups(a, b group) int {
	return cmp.Or(
		cmp.Compare(groupPriority[b.name], groupPriority[a.name]),
		cmp.Compare(a.name, b.name),
	)
}

// compareVersions puts the most stable and newest first: v2, v1, v1beta1.
func compareVersions(a, b groupVersion) int {
	return version.CompareKubeAwareVersionStrings(b.Version, a.Version)
}
