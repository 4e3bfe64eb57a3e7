package kinds

import (
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/featuregate"
	"k8s.io/kubernetes/pkg/capabilities"
)

// enabled says whether a feature gate is on. Nobody sets one, so this is its
// default in the version of Kubernetes that we import.
func enabled(gate featuregate.Feature) bool { return utilfeature.DefaultFeatureGate.Enabled(gate) }

// allowPrivileged lets pods have privileged containers, as every API server
// is told to with --allow-privileged. Upstream's validation reads it from a
// variable of its own, which can be set once.
func allowPrivileged() { capabilities.Setup(true, 0) }
