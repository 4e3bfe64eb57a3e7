package kinds

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// A ConfigMap is configuration as keys and values. Once marked immutable its
// data cannot change any more.
//
// Upstream: pkg/registry/core/configmap (strategy), complete.
func configMap() *Kind {
	configMaps := versions[corev1.ConfigMap, core.ConfigMap]{
		toInternal:   corev1conv.Convert_v1_ConfigMap_To_core_ConfigMap,
		fromInternal: corev1conv.Convert_core_ConfigMap_To_v1_ConfigMap,
	}
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("ConfigMap"),
		Resource:         "configmaps",
		Singular:         "configmap",
		ShortNames:       []string{"cm"},
		Namespaced:       true,

		New:     func() Object { return &corev1.ConfigMap{} },
		Default: configMaps.defaults,

		Validate:                 configMaps.validate(validation.ValidateConfigMap),
		ValidateUpdate:           configMaps.validateUpdate(validation.ValidateConfigMapUpdate),
		AllowUnconditionalUpdate: true,
	}
}
