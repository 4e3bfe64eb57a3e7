package kinds

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// A Namespace starts out Active, with the finalizer that keeps it until the
// namespace controller has emptied it.
//
// Upstream: pkg/registry/core/namespace (strategy), complete.
func namespace() *Kind {
	namespaces := versions[corev1.Namespace, core.Namespace]{
		toInternal:    corev1conv.Convert_v1_Namespace_To_core_Namespace,
		fromInternal:  corev1conv.Convert_core_Namespace_To_v1_Namespace,
		clusterScoped: true,
	}
	return &Kind{
		GroupVersionKind: corev1.SchemeGroupVersion.WithKind("Namespace"),
		Resource:         "namespaces",
		Singular:         "namespace",
		ShortNames:       []string{"ns"},

		New:     func() Object { return &corev1.Namespace{} },
		Default: namespaces.defaults,

		PrepareCreate: func(obj Object) { activate(obj.(*corev1.Namespace)) },
		PrepareUpdate: func(obj, old Object) {
			ns, before := obj.(*corev1.Namespace), old.(*corev1.Namespace)
			ns.Spec.Finalizers = before.Spec.Finalizers
			ns.Status = before.Status
		},
		Canonicalize: func(obj Object) { labelWithName(obj.(*corev1.Namespace)) },
		Validate:     namespaces.validate(validation.ValidateNamespace),
		ValidateUpdate: namespaces.validateUpdate(func(ns, old *core.Namespace) field.ErrorList {
			return append(validation.ValidateNamespace(ns), validation.ValidateNamespaceUpdate(ns, old)...)
		}),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				obj.(*corev1.Namespace).Spec = old.(*corev1.Namespace).Spec
			},
			ValidateUpdate: namespaces.validateStatus(validation.ValidateNamespaceStatusUpdate, nil),
		},
		Finalize: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				obj.(*corev1.Namespace).Status = old.(*corev1.Namespace).Status
			},
			ValidateUpdate: namespaces.validateUpdate(validation.ValidateNamespaceFinalizeUpdate, "finalize"),
		},
		Others: []OtherSubresource{
			{Name: "finalize", Kind: corev1.SchemeGroupVersion.WithKind("Namespace"), Verbs: []string{"update"}},
		},
		AllowUnconditionalUpdate: true,
		ReturnsDeleted:           true,
		NoDeleteCollection:       true,

		Fields: func(obj Object) fields.Set {
			return fields.Set{"status.phase": string(obj.(*corev1.Namespace).Status.Phase)}
		},
		FieldNames: []string{"status.phase"},
	}
}

// labelWithName repeats what the defaults do, for a name that was generated
// after they were filled in.
func labelWithName(ns *corev1.Namespace) {
	if ns.Labels[corev1.LabelMetadataName] != ns.Name {
		metav1.SetMetaDataLabel(&ns.ObjectMeta, corev1.LabelMetadataName, ns.Name)
	}
}

func activate(ns *corev1.Namespace) {
	ns.Status = corev1.NamespaceStatus{Phase: corev1.NamespaceActive}
	if !slices.Contains(ns.Spec.Finalizers, corev1.FinalizerKubernetes) {
		ns.Spec.Finalizers = append(ns.Spec.Finalizers, corev1.FinalizerKubernetes)
	}
}
