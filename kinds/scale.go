package kinds

import (
	"context"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
)

// ValidateScale checks what a client writes to a scale subresource. The
// object that is scaled is then validated as for any other update.
//
// Upstream: pkg/apis/autoscaling/validation (ValidateScaleUpdate), written again because that package would link all of CEL.
func ValidateScale(scale, old *autoscalingv1.Scale) field.ErrorList {
	errs := metav1validation.ValidateManagedFields(scale.ManagedFields, field.NewPath("metadata", "managedFields"))
	replicas := apivalidation.ValidateNonnegativeField(int64(scale.Spec.Replicas), field.NewPath("spec", "replicas"))
	return merge(append(errs, replicas.MarkCoveredByDeclarative()...),
		legacyscheme.Scheme.ValidateUpdate(context.Background(), nil, scale, old, "scale"))
}

// ScaleTable prints what a scale subresource shows, as Kind.Table does
// objects.
func ScaleTable(scales []Object, options TableOptions) (*metav1.Table, error) {
	scale := &Kind{
		GroupVersionKind: autoscalingv1.SchemeGroupVersion.WithKind("Scale"),
		New:              func() Object { return &autoscalingv1.Scale{} },
	}
	return scale.Table(scales, options)
}

func replicasOrZero(replicas *int32) int32 {
	if replicas == nil {
		return 0
	}
	return *replicas
}

// selectorText is a label selector as it is written in a query. One that is
// not valid could not have been stored, and shows as empty.
func selectorText(selector *metav1.LabelSelector) string {
	s, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return ""
	}
	return s.String()
}
