package kinds

import (
	"context"
	"slices"

	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/operation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/apis/policy"
	policyv1conv "k8s.io/kubernetes/pkg/apis/policy/v1"
	"k8s.io/kubernetes/pkg/apis/policy/validation"
)

// A PodDisruptionBudget says how many of its Pods may be evicted at a time.
//
// Upstream: pkg/registry/policy/poddisruptionbudget (strategy).
func podDisruptionBudget() *Kind {
	budgets := versions[policyv1.PodDisruptionBudget, policy.PodDisruptionBudget]{
		toInternal:   policyv1conv.Convert_v1_PodDisruptionBudget_To_policy_PodDisruptionBudget,
		fromInternal: policyv1conv.Convert_policy_PodDisruptionBudget_To_v1_PodDisruptionBudget,

		metadataUnchecked: true,
	}
	return &Kind{
		GroupVersionKind: policyv1.SchemeGroupVersion.WithKind("PodDisruptionBudget"),
		Resource:         "poddisruptionbudgets",
		Singular:         "poddisruptionbudget",
		ShortNames:       []string{"pdb"},
		Namespaced:       true,

		New:     func() Object { return &policyv1.PodDisruptionBudget{} },
		Default: budgets.defaults,

		PrepareCreate: func(obj Object) {
			pdb := obj.(*policyv1.PodDisruptionBudget)
			pdb.Status = policyv1.PodDisruptionBudgetStatus{}
			pdb.Generation = 1
			dropOldEmptySelector(pdb.Spec.Selector)
		},
		PrepareUpdate: func(obj, old Object) {
			pdb, before := obj.(*policyv1.PodDisruptionBudget), old.(*policyv1.PodDisruptionBudget)
			pdb.Status = before.Status
			if !equality.Semantic.DeepEqual(pdb.Spec, before.Spec) {
				pdb.Generation = before.Generation + 1
			}
			if !equality.Semantic.DeepEqual(pdb.Spec.Selector, before.Spec.Selector) {
				dropOldEmptySelector(pdb.Spec.Selector)
			}
		},
		Validate: budgets.validate(func(pdb *policy.PodDisruptionBudget) field.ErrorList {
			return validation.ValidatePodDisruptionBudget(pdb, validation.PodDisruptionBudgetValidationOptions{})
		}),
		ValidateUpdate: budgets.validateUpdate(func(pdb, old *policy.PodDisruptionBudget) field.ErrorList {
			return validation.ValidatePodDisruptionBudget(pdb, validation.PodDisruptionBudgetValidationOptions{
				AllowInvalidLabelValueInSelector: invalidSelector(old.Spec.Selector),
			})
		}),

		Status: &Subresource{
			PrepareUpdate: func(obj, old Object) {
				obj.(*policyv1.PodDisruptionBudget).Spec = old.(*policyv1.PodDisruptionBudget).Spec
			},
			ValidateUpdate: budgets.validateStatus(func(pdb, old *policy.PodDisruptionBudget) field.ErrorList {
				return validation.ValidatePodDisruptionBudgetStatusUpdate(pdb.Status, old.Status, field.NewPath("status"), policyv1.SchemeGroupVersion)
			}, declaredBudgetStatus),
		},
	}
}

// dropOldEmptySelector removes the requirement by which policy/v1beta1 told
// selectors of all Pods from selectors of none, unless it is all there is.
func dropOldEmptySelector(selector *metav1.LabelSelector) {
	if selector == nil || equality.Semantic.DeepEqual(selector, policy.NonV1beta1MatchNoneSelector) {
		return
	}
	selector.MatchExpressions = slices.DeleteFunc(selector.MatchExpressions, func(r metav1.LabelSelectorRequirement) bool {
		return r.Key == policy.PDBV1beta1Label
	})
}

// invalidSelector says that a selector would be refused if it were new.
func invalidSelector(selector *metav1.LabelSelector) bool {
	return selector != nil &&
		len(metav1validation.ValidateLabelSelector(selector, metav1validation.LabelSelectorValidationOptions{}, nil)) > 0
}

// declaredBudgetStatus are the rules that the tags of the status declare.
func declaredBudgetStatus(ctx context.Context, op operation.Operation, path *field.Path, pdb, old *policyv1.PodDisruptionBudget) field.ErrorList {
	return policyv1conv.Validate_PodDisruptionBudgetStatus(ctx, op, path.Child("status"), &pdb.Status, &old.Status)
}
