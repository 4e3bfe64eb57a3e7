package controllers

import (
	"fmt"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/minik8s/minik8s/reconcile"
)

// CustomResourceNaming decides which names of a CustomResourceDefinition are
// accepted: those that no other definition of its group has. What is accepted
// is in the status, and is what the API serves.
//
// Names are given out of one pot, so all definitions are one key, and the
// oldest chooses first.
//
// Upstream: k8s.io/apiextensions-apiserver/pkg/controller/status (NamingConditionController), where the definition that comes first in the queue chooses first.
func CustomResourceNaming() reconcile.Component {
	return reconcile.Component{
		Name:    "crd-naming-controller",
		User:    apiserverUser,
		Watches: []reconcile.Watch{reconcile.Whole(reconcile.CustomResourceDefinitions.GroupResource)},
		Reconcile: func(v reconcile.View, _ reconcile.Request) (reconcile.Plan, error) {
			return acceptNames(v), nil
		},
	}
}

func acceptNames(v reconcile.View) reconcile.Plan {
	var plan reconcile.Plan
	all := reconcile.CustomResourceDefinitions.List(v)
	slices.SortStableFunc(all, func(a, b *definition) int { return a.CreationTimestamp.Compare(b.CreationTimestamp.Time) })
	for i, crd := range all {
		if equality.Semantic.DeepEqual(crd.Spec.Names, crd.Status.AcceptedNames) {
			continue
		}
		names, accepted := chooseNames(crd, takenNames(all, crd.Spec.Group))
		if equality.Semantic.DeepEqual(names, crd.Status.AcceptedNames) && sameDefinitionCondition(&accepted, findDefinitionCondition(crd, apiextensionsv1.NamesAccepted)) {
			continue
		}
		updated := crd.DeepCopy()
		updated.Status.AcceptedNames = names
		setDefinitionCondition(updated, accepted, v.Now())
		setDefinitionCondition(updated, notYetEstablished(crd, accepted), v.Now())
		plan.UpdateStatus(updated, "names: %s", accepted.Message)
		all[i] = updated // what it has taken is gone for the next
	}
	return plan
}

// taken are the names that a group's definitions have.
type taken struct{ resources, kinds sets.Set[string] }

func takenNames(all []*definition, group string) taken {
	t := taken{sets.New[string](), sets.New[string]()}
	for _, crd := range all {
		if names := crd.Status.AcceptedNames; crd.Spec.Group == group {
			t.resources.Insert(names.Plural, names.Singular).Insert(names.ShortNames...)
			t.kinds.Insert(names.Kind, names.ListKind)
		}
	}
	return t
}

// chooseNames gives a definition the names that it asks for, as far as they
// are free. Of several conflicts, the condition tells the last.
func chooseNames(crd *definition, t taken) (apiextensionsv1.CustomResourceDefinitionNames, definitionCondition) {
	want, names := crd.Spec.Names, crd.Status.AcceptedNames
	condition := definitionCondition{
		Type: apiextensionsv1.NamesAccepted, Status: apiextensionsv1.ConditionTrue, Reason: "NoConflicts", Message: "no conflicts found",
	}
	refuse := func(reason string, err error) {
		condition.Status, condition.Reason, condition.Message = apiextensionsv1.ConditionFalse, reason, err.Error()
	}
	choose := func(name *string, wanted string, t sets.Set[string], reason string) {
		if err := ownOrFree(wanted, *name, t); err != nil {
			refuse(reason, err)
			return
		}
		*name = wanted
	}
	choose(&names.Plural, want.Plural, t.resources, "PluralConflict")
	choose(&names.Singular, want.Singular, t.resources, "SingularConflict")
	if err := checkShortNames(want.ShortNames, names.ShortNames, t.resources); err != nil {
		refuse("ShortNamesConflict", err)
	} else {
		names.ShortNames = want.ShortNames
	}
	choose(&names.Kind, want.Kind, t.kinds, "KindConflict")
	choose(&names.ListKind, want.ListKind, t.kinds, "ListKindConflict")
	names.Categories = want.Categories
	return names, condition
}

func checkShortNames(wanted, own []string, t sets.Set[string]) error {
	var errs []error
	for _, name := range wanted {
		if slices.Contains(own, name) {
			continue
		}
		if err := ownOrFree(name, "", t); err != nil {
			errs = append(errs, err)
		}
	}
	return utilerrors.NewAggregate(errs)
}

func ownOrFree(wanted, own string, t sets.Set[string]) error {
	if wanted == own || !t.Has(wanted) {
		return nil
	}
	return fmt.Errorf("%q is already in use", wanted)
}

// notYetEstablished is the condition that CustomResourceEstablishing turns to
// true once the names are accepted. One that is true stays so.
func notYetEstablished(crd *definition, accepted definitionCondition) definitionCondition {
	condition := definitionCondition{
		Type: apiextensionsv1.Established, Status: apiextensionsv1.ConditionFalse, Reason: "NotAccepted", Message: "not all names are accepted",
	}
	if old := findDefinitionCondition(crd, apiextensionsv1.Established); old != nil {
		condition = *old
	}
	if condition.Status != apiextensionsv1.ConditionTrue && accepted.Status == apiextensionsv1.ConditionTrue {
		condition.Status, condition.Reason, condition.Message = apiextensionsv1.ConditionFalse, "Installing", "the initial names have been accepted"
	}
	return condition
}
