package kinds

import (
	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	nodeapi "k8s.io/kubernetes/pkg/api/node"
	nodeinternal "k8s.io/kubernetes/pkg/apis/node"
	nodev1conv "k8s.io/kubernetes/pkg/apis/node/v1"
	"k8s.io/kubernetes/pkg/apis/node/validation"
)

// A RuntimeClass names a way to run containers, and what it costs.
//
// Upstream: pkg/registry/node/runtimeclass (strategy); kubelets run all handlers alike.
func runtimeClass() *Kind {
	classes := versions[nodev1.RuntimeClass, nodeinternal.RuntimeClass]{
		toInternal:    nodev1conv.Convert_v1_RuntimeClass_To_node_RuntimeClass,
		fromInternal:  nodev1conv.Convert_node_RuntimeClass_To_v1_RuntimeClass,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: nodev1.SchemeGroupVersion.WithKind("RuntimeClass"),
		Resource:         "runtimeclasses",
		Singular:         "runtimeclass",

		New:     func() Object { return &nodev1.RuntimeClass{} },
		Default: classes.defaults,

		Validate: classes.validate(validation.ValidateRuntimeClass),
		ValidateUpdate: classes.validateUpdate(func(class, old *nodeinternal.RuntimeClass) field.ErrorList {
			return append(validation.ValidateRuntimeClass(class), validation.ValidateRuntimeClassUpdate(class, old)...)
		}),
		Warnings: classes.warnings(func(class, _ *nodeinternal.RuntimeClass) []string {
			return nodeapi.GetWarningsForRuntimeClass(class)
		}),
		AllowCreateOnUpdate: true,
	}
}
