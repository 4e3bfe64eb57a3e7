package controllers

import (
	"slices"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/reconcile"
)

// apiserverUser is who the controllers of definitions act as: upstream runs
// them inside the API server.
const apiserverUser = "system:apiserver"

// definition is short for what the controllers in the files customresource_*
// are about.
type definition = apiextensionsv1.CustomResourceDefinition

type definitionCondition = apiextensionsv1.CustomResourceDefinitionCondition

// watchDefinitions wakes for every definition that is there.
func watchDefinitions() reconcile.Watch {
	return reconcile.Self(reconcile.CustomResourceDefinitions.GroupResource).If(func(_, after reconcile.Object) bool { return after != nil })
}

func findDefinitionCondition(crd *definition, t apiextensionsv1.CustomResourceDefinitionConditionType) *definitionCondition {
	for i := range crd.Status.Conditions {
		if crd.Status.Conditions[i].Type == t {
			return &crd.Status.Conditions[i]
		}
	}
	return nil
}

func definitionIs(crd *definition, t apiextensionsv1.CustomResourceDefinitionConditionType) bool {
	c := findDefinitionCondition(crd, t)
	return c != nil && c.Status == apiextensionsv1.ConditionTrue
}

// setDefinitionCondition puts a condition into crd, which is a copy. Its
// transition time moves with its status.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/apihelpers (SetCRDCondition), with the time of the view.
func setDefinitionCondition(crd *definition, c definitionCondition, now time.Time) {
	c.LastTransitionTime = metav1.NewTime(now)
	old := findDefinitionCondition(crd, c.Type)
	if old == nil {
		crd.Status.Conditions = append(crd.Status.Conditions, c)
		return
	}
	if old.Status == c.Status && !old.LastTransitionTime.IsZero() {
		c.LastTransitionTime = old.LastTransitionTime
	}
	*old = c
}

// sameDefinitionCondition compares all but the times. Either may be nil.
func sameDefinitionCondition(a, b *definitionCondition) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Type == b.Type && a.Status == b.Status && a.Reason == b.Reason && a.Message == b.Message
}

// removeString is a list without a string.
func removeString(list []string, s string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(other string) bool { return other == s })
}
