package kinds

import corev1 "k8s.io/api/core/v1"

// readable are the verbs of a computed kind whose objects are there to be read.
var readable = []string{"get", "list"}

// A ComponentStatus says whether a part of the control plane is well.
//
// Upstream: pkg/registry/core/componentstatus (REST), where every component is always well.
func componentStatus() *Kind {
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("ComponentStatus"),
		Resource:         "componentstatuses",
		Singular:         "componentstatus",
		ShortNames:       []string{"cs"},
		Computed:         readable,

		New: func() Object { return &corev1.ComponentStatus{} },
	}
}
