package kinds

import (
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/kubernetes/pkg/apis/networking"
	networkingv1conv "k8s.io/kubernetes/pkg/apis/networking/v1"
	"k8s.io/kubernetes/pkg/apis/networking/validation"
)

// An IngressClass names the controller that implements some Ingresses.
//
// Upstream: pkg/registry/networking/ingressclass (strategy), stored and validated: no controller serves ingresses.
func ingressClass() *Kind {
	classes := versions[networkingv1.IngressClass, networking.IngressClass]{
		toInternal:    networkingv1conv.Convert_v1_IngressClass_To_networking_IngressClass,
		fromInternal:  networkingv1conv.Convert_networking_IngressClass_To_v1_IngressClass,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: networkingv1.SchemeGroupVersion.WithKind("IngressClass"),
		Resource:         "ingressclasses",
		Singular:         "ingressclass",

		New:     func() Object { return &networkingv1.IngressClass{} },
		Default: classes.defaults,

		PrepareCreate: func(obj Object) { obj.SetGeneration(1) },
		PrepareUpdate: func(obj, old Object) {
			class, before := obj.(*networkingv1.IngressClass), old.(*networkingv1.IngressClass)
			if !equality.Semantic.DeepEqual(class.Spec, before.Spec) {
				class.Generation = before.Generation + 1
			}
		},
		Validate:                 classes.validate(validation.ValidateIngressClass),
		ValidateUpdate:           classes.validateUpdate(validation.ValidateIngressClassUpdate),
		AllowUnconditionalUpdate: true,
	}
}
