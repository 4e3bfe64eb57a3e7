package kinds

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/features"
)

// The verbs of the subresources that lead to what runs on a node. They follow
// from the HTTP methods: a proxy takes all, the others GET and POST.
var (
	proxyVerbs   = []string{"create", "delete", "get", "patch", "update"}
	upgradeVerbs = []string{"create", "get"}
)

// podConnections are the subresources that lead into a Pod.
func podConnections() []OtherSubresource {
	options := func(name, kind string, verbs []string) OtherSubresource {
		return OtherSubresource{Name: name, Kind: corev1.SchemeGroupVersion.WithKind(kind), Verbs: verbs}
	}
	return []OtherSubresource{
		options("log", "Pod", []string{"get"}),
		options("exec", "PodExecOptions", upgradeVerbs),
		options("attach", "PodAttachOptions", upgradeVerbs),
		options("portforward", "PodPortForwardOptions", upgradeVerbs),
		options("proxy", "PodProxyOptions", proxyVerbs),
	}
}

// ValidatePodLogOptions checks what part of a log a client wants.
func ValidatePodLogOptions(options *corev1.PodLogOptions) field.ErrorList {
	var in core.PodLogOptions
	if err := corev1conv.Convert_v1_PodLogOptions_To_core_PodLogOptions(options, &in, nil); err != nil {
		return unreadable(err)
	}
	return validation.ValidatePodLogOptions(&in, enabled(features.PodLogsQuerySplitStreams))
}
