package kinds

import (
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/kubernetes/pkg/apis/networking"
	networkingv1conv "k8s.io/kubernetes/pkg/apis/networking/v1"
	"k8s.io/kubernetes/pkg/apis/networking/validation"
)

// An Ingress routes HTTP requests from outside to Services, by host and path.
//
// Upstream: pkg/registry/networking/ingress (strategy), stored and validated: upstream has no controller for it either, clusters bring one. Writers of the status are not warned about odd addresses.
func ingress() *Kind {
	ingresses := versions[networkingv1.Ingress, networking.Ingress]{
		toInternal:   networkingv1conv.Convert_v1_Ingress_To_networking_Ingress,
		fromInternal: networkingv1conv.Convert_networking_Ingress_To_v1_Ingress,
	}
	return &Kind{
		GroupVersionKind: networkingv1.SchemeGroupVersion.WithKind("Ingress"),
		Resource:         "ingresses",
		StoredAs:         "ingress",
		Singular:         "ingress",
		ShortNames:       []string{"ing"},
		Namespaced:       true,

		New:     func() Object { return &networkingv1.Ingress{} },
		Default: ingresses.defaults,

		PrepareCreate: func(obj Object) {
			ing := obj.(*networkingv1.Ingress)
			ing.Status = networkingv1.IngressStatus{}
			ing.Generation = 1
		},
		PrepareUpdate: func(obj, old Object) {
			ing, before := obj.(*networkingv1.Ingress), old.(*networkingv1.Ingress)
			ing.Status = before.Status
			if !equality.Semantic.DeepEqual(ing.Spec, before.Spec) {
				ing.Generation = before.Generation + 1
			}
		},
		Validate:       ingresses.validate(validation.ValidateIngressCreate),
		ValidateUpdate: ingresses.validateUpdate(validation.ValidateIngressUpdate),
		Warnings: func(obj, old Object) []string {
			const annotation = "kubernetes.io/ingress.class"
			ing := obj.(*networkingv1.Ingress)
			if _, ok := ing.Annotations[annotation]; !ok || old != nil || ing.Spec.IngressClassName != nil {
				return nil
			}
			return []string{`annotation "` + annotation + `" is deprecated, please use 'spec.ingressClassName' instead`}
		},

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				obj.(*networkingv1.Ingress).Spec = old.(*networkingv1.Ingress).Spec
			},
			ValidateUpdate: ingresses.validateStatus(validation.ValidateIngressStatusUpdate, nil),
		},
		AllowUnconditionalUpdate: true,
	}
}
