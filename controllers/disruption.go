package controllers

import (
	"fmt"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/minik8s/minik8s/reconcile"
)

const disruptionController = "system:serviceaccount:kube-system:disruption-controller"

// Disruption keeps the status of PodDisruptionBudgets: how many of their Pods
// are healthy, how many should be, and so how many may be evicted now. The
// eviction subresource charges that number; it never comes here.
//
// Upstream: pkg/controller/disruption, whose events come from "controllermanager"; without MultiplePodDisruptionBudgets events, since every budget of a Pod is woken, where upstream picks one and says so.
func Disruption(mapping RESTMapping, scales CustomScales) reconcile.Component {
	return reconcile.Component{
		Name: "disruption-controller",
		User: disruptionController,
		For:  reconcile.PodDisruptionBudgets.GroupResource,
		Watches: []reconcile.Watch{
			reconcile.Self(reconcile.PodDisruptionBudgets.GroupResource),
			reconcile.Mapped(reconcile.Pods.GroupResource, budgetsOfPod).If(healthMayDiffer),
		},
		Reconcile: func(v reconcile.View, req reconcile.Request) (reconcile.Plan, error) {
			return reconcileBudget(v, req, mapping, scales)
		},
	}
}

// budgetsOfPod finds the budgets whose selectors match a Pod.
func budgetsOfPod(v reconcile.View, o reconcile.Object) []reconcile.Key {
	var keys []reconcile.Key
	for _, pdb := range reconcile.PodDisruptionBudgets.List(v, reconcile.InNamespace(o.GetNamespace())) {
		selector, err := metav1.LabelSelectorAsSelector(pdb.Spec.Selector)
		if err == nil && selector.Matches(labels.Set(o.GetLabels())) {
			keys = append(keys, reconcile.KeyOf(pdb))
		}
	}
	return keys
}

// healthMayDiffer drops changes of a Pod that no budget asks about.
func healthMayDiffer(before, after reconcile.Object) bool {
	if before == nil || after == nil {
		return true
	}
	old, pod := before.(*corev1.Pod), after.(*corev1.Pod)
	return isPodReady(old) != isPodReady(pod) ||
		(old.DeletionTimestamp == nil) != (pod.DeletionTimestamp == nil) ||
		!maps.Equal(old.Labels, pod.Labels) ||
		!equality.Semantic.DeepEqual(old.OwnerReferences, pod.OwnerReferences)
}

func reconcileBudget(v reconcile.View, req reconcile.Request, mapping RESTMapping, scales CustomScales) (reconcile.Plan, error) {
	var plan reconcile.Plan
	pdb, ok := reconcile.PodDisruptionBudgets.Get(v, req.Key)
	if !ok {
		return plan, nil
	}
	t := &budgetTurn{view: v, mapping: mapping, scales: scales, pdb: pdb, plan: &plan}
	if err := t.sync(); err != nil {
		plan.Observe("cannot say what is healthy: %v", err)
		t.failSafe(err)
	}
	return plan, nil
}

// budgetTurn is one look at one PodDisruptionBudget.
type budgetTurn struct {
	view    reconcile.View
	mapping RESTMapping
	scales  CustomScales
	pdb     *policyv1.PodDisruptionBudget
	plan    *reconcile.Plan
}

func (t *budgetTurn) sync() error {
	pods, err := t.pods()
	if err != nil {
		t.warn("NoPods", "Failed to get pods: %v", err)
		return err
	}
	if len(pods) == 0 {
		t.plan.Event(t.pdb, corev1.EventTypeNormal, "NoPods", "No matching pods found")
	}
	expected, desired, err := t.expectedPods(pods)
	if err != nil {
		t.warn("CalculateExpectedPodCountFailed", "Failed to calculate the number of expected pods: %v", err)
		return err
	}
	disrupted := t.disruptedPods(pods)
	healthy := t.healthyPods(pods, disrupted)
	t.plan.Observe("%d of %d pods healthy, %d needed", healthy, expected, desired)
	t.writeStatus(policyv1.PodDisruptionBudgetStatus{
		CurrentHealthy:     healthy,
		DesiredHealthy:     desired,
		ExpectedPods:       expected,
		DisruptionsAllowed: disruptionsAllowed(healthy, desired, expected),
		DisruptedPods:      disrupted,
		ObservedGeneration: t.pdb.Generation,
	})
	return nil
}

func (t *budgetTurn) warn(reason, format string, args ...any) {
	t.plan.Event(t.pdb, corev1.EventTypeWarning, reason, format, args...)
}

// pods are those of the budget's namespace that it selects, whatever state
// they are in.
func (t *budgetTurn) pods() ([]*corev1.Pod, error) {
	selector, err := metav1.LabelSelectorAsSelector(t.pdb.Spec.Selector)
	if err != nil {
		return nil, fmt.Errorf("read the selector: %w", err)
	}
	return reconcile.Pods.List(t.view, reconcile.InNamespace(t.pdb.Namespace), reconcile.Matching(selector)), nil
}

// evictionTimeout is how long an eviction that the API server has granted may
// take to be seen; after that the Pod counts again.
const evictionTimeout = 2 * time.Minute

// disruptedPods are the granted evictions that have not been seen yet. It asks
// for a turn when the first of them is overdue.
//
// Upstream: pkg/controller/disruption (buildDisruptedPodMap).
func (t *budgetTurn) disruptedPods(pods []*corev1.Pod) map[string]metav1.Time {
	waiting := map[string]metav1.Time{}
	for _, pod := range pods {
		granted, ok := t.pdb.Status.DisruptedPods[pod.Name]
		if !ok || pod.DeletionTimestamp != nil {
			continue
		}
		overdue := granted.Add(evictionTimeout)
		if overdue.Before(t.view.Now()) {
			// the namespace stands for the name too: upstream's text
			t.plan.Event(pod, corev1.EventTypeWarning, "NotDeleted", "Pod was expected by PDB %s/%s to be deleted but it wasn't", t.pdb.Namespace, t.pdb.Namespace)
			continue
		}
		waiting[pod.Name] = granted
		t.plan.Heartbeat(overdue.Sub(t.view.Now())+time.Nanosecond, "until the eviction of %s is overdue", pod.Name)
	}
	return waiting
}

// healthyPods counts the ready Pods that are not on their way out.
func (t *budgetTurn) healthyPods(pods []*corev1.Pod, disrupted map[string]metav1.Time) int32 {
	var healthy int32
	for _, pod := range pods {
		if _, leaves := disrupted[pod.Name]; !leaves && pod.DeletionTimestamp == nil && isPodReady(pod) {
			healthy++
		}
	}
	return healthy
}

// disruptionsAllowed is never more than zero for a budget that expects no
// Pods, so that the first ones to come are not evicted before they are counted.
func disruptionsAllowed(healthy, desired, expected int32) int32 {
	if expected <= 0 {
		return 0
	}
	return max(0, healthy-desired)
}
