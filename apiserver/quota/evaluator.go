package quota

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	quotav1 "k8s.io/apiserver/pkg/quota/v1"
	"k8s.io/apiserver/pkg/quota/v1/generic"
	"k8s.io/kubernetes/pkg/quota/v1/evaluator/core"
	"k8s.io/utils/clock"
)

// World is what evaluators may ask for.
type World struct {
	// Now is the virtual time: a pod that should be gone by now is not charged.
	Now time.Time
	// List returns the objects of a namespace. It may be nil if only single
	// objects are evaluated.
	List func(gr schema.GroupResource, namespace string) []runtime.Object
}

// Ignores says whether quota never counts a resource.
//
// Upstream: pkg/quota/v1/install (DefaultIgnoredResources).
func Ignores(gr schema.GroupResource) bool {
	switch gr.Group {
	case "":
		return gr.Resource == "events" || gr.Resource == "bindings" || gr.Resource == "componentstatuses"
	case "events.k8s.io":
		return gr.Resource == "events"
	case "authentication.k8s.io", "authorization.k8s.io":
		return true
	}
	return false
}

// Evaluator knows what one object of a resource uses up.
//
// Upstream: pkg/quota/v1/evaluator/core, where resource claims for extended resources are also charged by the resource's name.
func (w World) Evaluator(gr schema.GroupResource) quotav1.Evaluator {
	switch gr {
	case schema.GroupResource{Resource: "pods"}:
		return core.NewPodEvaluator(w.lister, virtualClock{now: w.Now})
	case schema.GroupResource{Resource: "services"}:
		return core.NewServiceEvaluator(w.lister)
	case schema.GroupResource{Resource: "persistentvolumeclaims"}:
		return core.NewPersistentVolumeClaimEvaluator(w.lister)
	case schema.GroupResource{Group: "resource.k8s.io", Resource: "resourceclaims"}:
		return core.NewResourceClaimEvaluator(w.lister, nil, nil, nil)
	}
	list := generic.ListResourceUsingListerFunc(w.lister, gr.WithVersion(""))
	return generic.NewObjectCountEvaluator(gr, list, countedAs(gr))
}

// countedAs is the name under which some resources were counted before there
// was "count/…"; empty for all others.
func countedAs(gr schema.GroupResource) corev1.ResourceName {
	if gr.Group != "" {
		return ""
	}
	switch gr.Resource {
	case "configmaps":
		return corev1.ResourceConfigMaps
	case "resourcequotas":
		return corev1.ResourceQuotas
	case "replicationcontrollers":
		return corev1.ResourceReplicationControllers
	case "secrets":
		return corev1.ResourceSecrets
	}
	return ""
}

// virtualClock tells evaluators the world's time. They ask it nothing else.
type virtualClock struct {
	clock.Clock
	now time.Time
}

// Now implements clock.PassiveClock.
func (c virtualClock) Now() time.Time { return c.now }
