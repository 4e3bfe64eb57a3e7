package kinds

import (
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/featuregate"
)

// enabled says whether a feature gate is on. Nobody sets one, so this is its
// default in the version of Kubernetes that we import.
func enabled(gate featuregate.Feature) bool { return utilfeature.DefaultFeatureGate.Enabled(gate) }
