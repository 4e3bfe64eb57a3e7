package kubeletsim

// declaredFeatures are those of the API's features that a kubelet has to know
// how to do, and knows, in the order of their names. The API server and the
// scheduler ask no kubelet for another.
//
// Upstream: pkg/kubelet (discoverNodeDeclaredFeatures), with default feature gates and a runtime that has none of the newer features.
var declaredFeatures = []string{
	"ExtendWebSocketsToKubelet",
	"InPlacePodLevelResourcesVerticalScaling",
	"InPlacePodVerticalScalingInitContainers",
	"RestartAllContainersOnContainerExits",
}
