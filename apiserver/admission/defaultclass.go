package admission

import (
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	networkingv1beta1 "k8s.io/api/networking/v1beta1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/kinds"
)

// Which annotations make a StorageClass the default one; the second is what
// it was called in beta.
const (
	isDefaultStorageClass     = "storageclass.kubernetes.io/is-default-class"
	isDefaultStorageClassBeta = "storageclass.beta.kubernetes.io/is-default-class"
)

// defaultStorageClass gives a new claim that names no class the default one,
// if there is one.
//
// Upstream: plugin/pkg/admission/storage/storageclass/setdefault.
func defaultStorageClass() Plugin {
	return Plugin{Name: "DefaultStorageClass", For: []schema.GroupResource{persistentVolumeClaims}, Admit: func(a *Attributes) error {
		if !a.isNew() {
			return nil
		}
		claim := a.Object.(*corev1.PersistentVolumeClaim)
		if _, named := claim.Annotations[corev1.BetaStorageClassAnnotation]; named || claim.Spec.StorageClassName != nil {
			return nil
		}
		if name := a.defaultClass(storageClasses, isDefaultStorageClass, isDefaultStorageClassBeta); name != "" {
			claim.Spec.StorageClassName = &name
		}
		return nil
	}}
}

// defaultIngressClass does the same for a new ingress.
//
// Upstream: plugin/pkg/admission/network/defaultingressclass.
func defaultIngressClass() Plugin {
	return Plugin{Name: "DefaultIngressClass", For: []schema.GroupResource{ingresses}, Admit: func(a *Attributes) error {
		if !a.isNew() {
			return nil
		}
		ingress := a.Object.(*networkingv1.Ingress)
		if _, named := ingress.Annotations[networkingv1beta1.AnnotationIngressClass]; named || ingress.Spec.IngressClassName != nil {
			return nil
		}
		if name := a.defaultClass(ingressClasses, networkingv1.AnnotationIsDefaultIngressClass); name != "" {
			ingress.Spec.IngressClassName = &name
		}
		return nil
	}}
}

// defaultClass is the name of the class that one of the annotations marks as
// the default, or empty. Of several it is the newest, and of those of one
// second the first by name.
func (a *Attributes) defaultClass(classes schema.GroupResource, annotations ...string) string {
	var found kinds.Object
	for class := range a.List(classes, "") {
		if !isMarked(class, annotations) {
			continue
		}
		if found == nil || isNewer(class, found) {
			found = class
		}
	}
	if found == nil {
		return ""
	}
	return found.GetName()
}

func isMarked(class kinds.Object, annotations []string) bool {
	for _, key := range annotations {
		if class.GetAnnotations()[key] == "true" {
			return true
		}
	}
	return false
}

func isNewer(a, b kinds.Object) bool {
	at, bt := a.GetCreationTimestamp(), b.GetCreationTimestamp()
	if !at.Equal(&bt) {
		return bt.Before(&at)
	}
	return a.GetName() < b.GetName()
}
