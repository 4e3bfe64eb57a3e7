package kinds

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/core"
	corev1conv "k8s.io/kubernetes/pkg/apis/core/v1"
	"k8s.io/kubernetes/pkg/apis/core/validation"
)

// ValidateBinding checks what a scheduler writes to a Pod's binding
// subresource, apart from the Pod.
func ValidateBinding(binding *corev1.Binding) field.ErrorList {
	var in core.Binding
	if err := corev1conv.Convert_v1_Binding_To_core_Binding(binding, &in, nil); err != nil {
		return unreadable(err)
	}
	return validation.ValidatePodBinding(&in)
}
