package apiserver

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/minik8s/minik8s/store"
)

// maxDisruptedPods is how many evictions may be waiting for the disruption
// controller to notice them.
const maxDisruptedPods = 2000

// apiServerUser is whom the API server acts as when a request needs a write
// to another object.
var apiServerUser = User{Name: "system:apiserver", Groups: []string{"system:authenticated", "system:masters"}}

// chargeBudget takes one disruption from the budget of a pod that is to be
// evicted. A 429 says that there is none left.
func (c *call) chargeBudget(pod *corev1.Pod) error {
	budgets := c.budgetsOf(pod)
	if len(budgets) == 0 {
		return nil
	}
	if len(budgets) > 1 {
		c.response.Object = &metav1.Status{
			Status:  metav1.StatusFailure,
			Message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
			Code:    500,
		}
		return nil
	}
	budget := budgets[0].Value.(*policyv1.PodDisruptionBudget)
	if !isReady(pod) && sparesUnready(budget) {
		return nil
	}
	if err := allowsDisruption(budget); err != nil {
		return err
	}
	charged := budget.DeepCopy()
	charged.Status.DisruptionsAllowed--
	if charged.Status.DisruptionsAllowed == 0 {
		meta.SetStatusCondition(&charged.Status.Conditions, metav1.Condition{
			Type:               policyv1.DisruptionAllowedCondition,
			Status:             metav1.ConditionFalse,
			Reason:             policyv1.InsufficientPodsReason,
			ObservedGeneration: charged.Status.ObservedGeneration,
			LastTransitionTime: seconds(c.now),
		})
	}
	if charged.Status.DisruptedPods == nil {
		charged.Status.DisruptedPods = map[string]metav1.Time{}
	}
	charged.Status.DisruptedPods[pod.Name] = seconds(c.now)
	return c.writeBudget(budgets[0], charged)
}

// budgetsOf lists the budgets whose selectors match the pod.
func (c *call) budgetsOf(pod *corev1.Pod) []*store.Object {
	var matching []*store.Object
	for stored := range c.tx.ListFrom(disruptionBudgets, pod.Namespace, "", "") {
		selector, err := metav1.LabelSelectorAsSelector(stored.Value.(*policyv1.PodDisruptionBudget).Spec.Selector)
		if err == nil && selector.Matches(labels.Set(pod.Labels)) {
			matching = append(matching, stored)
		}
	}
	return matching
}

func isReady(pod *corev1.Pod) bool {
	for i := range pod.Status.Conditions {
		if c := &pod.Status.Conditions[i]; c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// sparesUnready says that the budget lets go of pods that are not ready, which
// its healthy ones do not depend on.
func sparesUnready(budget *policyv1.PodDisruptionBudget) bool {
	if policy := budget.Spec.UnhealthyPodEvictionPolicy; policy != nil && *policy == policyv1.AlwaysAllow {
		return true
	}
	return budget.Status.CurrentHealthy >= budget.Status.DesiredHealthy && budget.Status.DesiredHealthy > 0
}

// allowsDisruption is nil if the budget can spare one more pod.
//
// Upstream: pkg/registry/core/pod/storage (checkAndDecrement).
func allowsDisruption(budget *policyv1.PodDisruptionBudget) error {
	status := &budget.Status
	switch {
	case status.ObservedGeneration < budget.Generation:
		return tooManyDisruptions(10, fmt.Sprintf("The disruption budget %s is still being processed by the server.", budget.Name))
	case status.DisruptionsAllowed < 0:
		return budgetForbids(budget, "pdb disruptions allowed is negative", "pdb disruptions allowed is negative")
	case len(status.DisruptedPods) > maxDisruptedPods:
		return budgetForbids(budget, "DisruptedPods map too big - too many evictions not confirmed by PDB controller",
			"too many pending evictions not confirmed by PDB controller")
	case status.DisruptionsAllowed == 0:
		return tooManyDisruptions(0, whyNoDisruption(budget))
	}
	return nil
}

func whyNoDisruption(budget *policyv1.PodDisruptionBudget) string {
	status := &budget.Status
	not := meta.FindStatusCondition(status.Conditions, policyv1.DisruptionAllowedCondition)
	if not != nil && (not.Status != metav1.ConditionFalse || not.Message == "") {
		not = nil
	}
	switch {
	case not != nil && not.Reason == policyv1.SyncFailedReason:
		return fmt.Sprintf("The disruption budget %s does not allow evicting pods currently because it failed sync: %s", budget.Name, not.Message)
	case status.CurrentHealthy <= status.DesiredHealthy:
		return fmt.Sprintf("The disruption budget %s needs %d healthy pods and has %d currently", budget.Name, status.DesiredHealthy, status.CurrentHealthy)
	case not != nil:
		return fmt.Sprintf("The disruption budget %s does not allow evicting pods currently (%s): %s", budget.Name, not.Reason, not.Message)
	}
	return fmt.Sprintf("The disruption budget %s does not allow evicting pods currently", budget.Name)
}

// tooManyDisruptions is the 429 of a budget; retryAfter is in seconds, zero
// for no hint.
func tooManyDisruptions(retryAfter int, why string) error {
	err := apierrors.NewTooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", retryAfter)
	return causedByBudget(err, why)
}

func budgetForbids(budget *policyv1.PodDisruptionBudget, why, cause string) error {
	err := apierrors.NewForbidden(schema.GroupResource{Group: policyv1.GroupName, Resource: "poddisruptionbudget"}, budget.Name, errors.New(why))
	return causedByBudget(err, fmt.Sprintf("The disruption budget %s does not allow evicting pods currently: %s", budget.Name, cause))
}

func causedByBudget(err *apierrors.StatusError, why string) error {
	err.ErrStatus.Details.Causes = append(err.ErrStatus.Details.Causes, metav1.StatusCause{Type: policyv1.DisruptionBudgetCause, Message: why})
	return err
}

// writeBudget writes a budget's status in the transaction of another request.
func (c *call) writeBudget(stored *store.Object, budget *policyv1.PodDisruptionBudget) error {
	req := Request{
		Verb: Update, Subresource: "status", Namespace: budget.Namespace, Name: budget.Name,
		User: apiServerUser, UserAgent: "kube-apiserver", Origin: c.req.Origin,
	}
	resource := c.resources[disruptionBudgets]
	req.Resource = resource.GroupVersion().WithResource(resource.Kind.Resource)
	req.Origin.Actor = apiServerUser.Name
	charge := &call{Server: c.Server, resource: resource, req: &req, now: c.now, dryRun: c.dryRun, tx: c.tx}
	if err := charge.replace(stored, budget, resource.Status); err != nil && !errors.Is(err, errNothingToCommit) {
		return charge.asStatus(err)
	}
	return nil
}
