package kinds

import "k8s.io/apimachinery/pkg/runtime/schema"

// Priority is what an APIService says about the order of a group version: the
// group with the highest GroupMinimum is meant when a resource is named
// without one, and in it the version with the highest Version.
type Priority struct {
	GroupMinimum, Version int32
}

// priorities are those of the built-in groups.
var priorities = map[string]Priority{
	"":                             {18000, 1},
	"apps":                         {17800, 15},
	"events.k8s.io":                {17750, 15},
	"authentication.k8s.io":        {17700, 15},
	"authorization.k8s.io":         {17600, 15},
	"autoscaling":                  {17500, 15},
	"batch":                        {17400, 15},
	"certificates.k8s.io":          {17300, 15},
	"networking.k8s.io":            {17200, 15},
	"policy":                       {17100, 15},
	"rbac.authorization.k8s.io":    {17000, 15},
	"storage.k8s.io":               {16800, 15},
	"apiextensions.k8s.io":         {16700, 15},
	"admissionregistration.k8s.io": {16700, 15},
	"scheduling.k8s.io":            {16600, 15},
	"coordination.k8s.io":          {16500, 15},
	"node.k8s.io":                  {16300, 15},
	"discovery.k8s.io":             {16200, 15},
	"resource.k8s.io":              {16200, 21},
	"flowcontrol.apiserver.k8s.io": {16100, 21},
	"storagemigration.k8s.io":      {15800, 15},
	"metrics.k8s.io":               {100, 100}, // as metrics-server registers itself
}

// aggregator is the group of the APIServices themselves. It has none, and
// comes before all others.
const aggregator = "apiregistration.k8s.io"

// PriorityOf is the priority of a group version. ok is false for the
// aggregator's own group, which nobody registers.
//
// Upstream: cmd/kube-apiserver/app (apiVersionPriorities), pkg/controlplane/controller/crdregistration for the groups of custom resources.
func PriorityOf(gv schema.GroupVersion) (p Priority, ok bool) {
	if gv.Group == aggregator {
		return Priority{20000, 0}, false
	}
	if gv == (schema.GroupVersion{Group: "autoscaling", Version: "v2"}) {
		return Priority{17500, 30}, true
	}
	if p, ok := priorities[gv.Group]; ok {
		return p, true
	}
	return Priority{1000, 100}, true
}
