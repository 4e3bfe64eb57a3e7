package apiserver

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/utils/ptr"
)

// runningPod is bound to a node and runs there, ready or not.
func (w *world) runningPod(name string, ready corev1.ConditionStatus) *corev1.Pod {
	w.Helper()
	w.boundPod(name)
	pod := copyOf[*corev1.Pod](w.get("pods", "default/"+name))
	pod.Status.Phase = corev1.PodRunning
	pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: corev1.PodReady, Status: ready})
	return w.mustUpdate("pods", "status", pod).(*corev1.Pod)
}

// budget is a PodDisruptionBudget for all pods, with the status that its
// controller would have given it.
func (w *world) budget(name string, change func(*policyv1.PodDisruptionBudget)) {
	w.Helper()
	pdb := &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: policyv1.PodDisruptionBudgetSpec{
			MinAvailable: ptr.To(intstr.FromInt32(1)),
			Selector:     &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
		},
	}
	status := &policyv1.PodDisruptionBudget{Status: policyv1.PodDisruptionBudgetStatus{
		ObservedGeneration: 1, DisruptionsAllowed: 1, CurrentHealthy: 2, DesiredHealthy: 1, ExpectedPods: 2,
	}}
	if change != nil {
		change(status)
	}
	pdb.Spec.UnhealthyPodEvictionPolicy = status.Spec.UnhealthyPodEvictionPolicy
	pdb = copyOf[*policyv1.PodDisruptionBudget](w.mustCreate("poddisruptionbudgets", "default", pdb))
	pdb.Status = status.Status
	w.mustUpdate("poddisruptionbudgets", "status", pdb)
}

func (w *world) evict(name string, change func(*Request, *policyv1.Eviction)) (runtime.Object, error) {
	req := w.request(Create, "pods", "default/"+name)
	req.Subresource = "eviction"
	eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
	req.Object = eviction
	if change != nil {
		change(&req, eviction)
	}
	res, err := w.Do(req)
	return res.Object, err
}

func TestEvict(t *testing.T) {
	w := newWorld(t)
	w.runningPod("web", corev1.ConditionTrue)
	w.budget("keep", nil)
	before := w.revision()
	res, err := w.evict("web", nil)
	require.NoError(t, err)
	require.Equal(t, &metav1.Status{Status: "Success"}, res)

	var log []string
	changes, err := w.Store.Snapshot().Changes(before)
	require.NoError(t, err)
	for c := range changes {
		log = append(log, c.Actor+" "+c.Object().Resource.Resource+" "+c.Object().Name)
	}
	require.Equal(t, []string{"system:apiserver poddisruptionbudgets keep", "tester pods web", "tester pods web"}, log)

	pdb := w.get("poddisruptionbudgets", "default/keep").(*policyv1.PodDisruptionBudget)
	require.Zero(t, pdb.Status.DisruptionsAllowed)
	require.Equal(t, map[string]metav1.Time{"web": seconds(w.now)}, pdb.Status.DisruptedPods)
	require.Equal(t, []metav1.Condition{{
		Type: "DisruptionAllowed", Status: "False", Reason: "InsufficientPods", ObservedGeneration: 1, LastTransitionTime: seconds(w.now),
	}}, pdb.Status.Conditions)

	pod := w.get("pods", "default/web").(*corev1.Pod)
	require.NotNil(t, pod.DeletionTimestamp)
	require.Contains(t, pod.Status.Conditions, corev1.PodCondition{
		Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue, Reason: "EvictionByEvictionAPI", Message: "Eviction API: evicting",
		LastTransitionTime: seconds(w.now),
	})
}

// Pods that are disturbed by nothing, or that no healthy one depends on, are
// evicted whatever is left of their budget.
func TestEvictForFree(t *testing.T) {
	exhausted := func(pdb *policyv1.PodDisruptionBudget) { pdb.Status.DisruptionsAllowed = 0 }
	for name, test := range map[string]struct {
		pod    func(w *world)
		budget func(*policyv1.PodDisruptionBudget)
	}{
		"pending": {func(w *world) { w.mustCreate("pods", "default", newPodObject("web")) }, exhausted},
		"ended": {func(w *world) {
			pod := copyOf[*corev1.Pod](w.runningPod("web", corev1.ConditionFalse))
			pod.Status.Phase = corev1.PodFailed
			w.mustUpdate("pods", "status", pod)
		}, exhausted},
		"terminating": {func(w *world) {
			w.runningPod("web", corev1.ConditionTrue)
			_, err := w.delete("pods", "default/web", nil)
			require.NoError(w, err)
		}, exhausted},
		"unready, the others suffice": {func(w *world) { w.runningPod("web", corev1.ConditionFalse) }, exhausted},
		"unready, always allowed": {func(w *world) { w.runningPod("web", corev1.ConditionFalse) }, func(pdb *policyv1.PodDisruptionBudget) {
			exhausted(pdb)
			pdb.Status.CurrentHealthy = 0
			pdb.Spec.UnhealthyPodEvictionPolicy = ptr.To(policyv1.AlwaysAllow)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			test.pod(w)
			w.budget("keep", test.budget)
			_, err := w.evict("web", nil)
			require.NoError(t, err)
			pdb := w.get("poddisruptionbudgets", "default/keep").(*policyv1.PodDisruptionBudget)
			require.Empty(t, pdb.Status.DisruptedPods)
			if pod, ok := w.get("pods", "default/web").(*corev1.Pod); ok {
				require.NotNil(t, pod.DeletionTimestamp)
			}
		})
	}
}

func TestEvictDryRun(t *testing.T) {
	all := []string{metav1.DryRunAll}
	for name, change := range map[string]func(*Request, *policyv1.Eviction){
		"asked in the query": func(r *Request, _ *policyv1.Eviction) { r.CreateOptions = &metav1.CreateOptions{DryRun: all} },
		"asked in the body": func(_ *Request, e *policyv1.Eviction) {
			e.DeleteOptions = &metav1.DeleteOptions{DryRun: all}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.runningPod("web", corev1.ConditionTrue)
			w.budget("keep", nil)
			before := w.revision()
			res, err := w.evict("web", change)
			require.NoError(t, err)
			require.Equal(t, &metav1.Status{Status: "Success"}, res)
			require.Equal(t, before, w.revision())
		})
	}
}

func TestEvictTwoBudgets(t *testing.T) {
	w := newWorld(t)
	w.runningPod("web", corev1.ConditionTrue)
	w.budget("keep", nil)
	w.budget("keep-too", nil)
	before := w.revision()
	res, err := w.evict("web", nil)
	require.NoError(t, err)
	require.Equal(t, &metav1.Status{Status: "Failure", Code: 500, Message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."}, res)
	require.Equal(t, before, w.revision())
}

func TestEvictRefused(t *testing.T) {
	budget := func(change func(*policyv1.PodDisruptionBudgetStatus)) func(w *world) error {
		return func(w *world) error {
			w.budget("keep", func(pdb *policyv1.PodDisruptionBudget) { change(&pdb.Status) })
			before := w.revision()
			_, err := w.evict("web", nil)
			require.Equal(w, before, w.revision())
			causes := apierrors.APIStatus(err.(*apierrors.StatusError)).Status().Details.Causes
			require.Equal(w, policyv1.DisruptionBudgetCause, causes[len(causes)-1].Type)
			err.(*apierrors.StatusError).ErrStatus.Message += " | " + causes[len(causes)-1].Message
			return err
		}
	}
	const tooMany = "429 TooManyRequests: Cannot evict pod as it would violate the pod's disruption budget. | "
	const forbidden = `403 Forbidden: poddisruptionbudget.policy "keep" is forbidden: `
	for _, test := range []struct {
		name string
		do   func(*world) error
		want string
	}{
		{"nothing left", budget(func(s *policyv1.PodDisruptionBudgetStatus) { s.DisruptionsAllowed, s.CurrentHealthy = 0, 1 }),
			tooMany + "The disruption budget keep needs 1 healthy pods and has 1 currently"},
		{"not seen yet", budget(func(s *policyv1.PodDisruptionBudgetStatus) { s.ObservedGeneration = 0 }),
			tooMany + "The disruption budget keep is still being processed by the server."},
		{"failed sync", budget(func(s *policyv1.PodDisruptionBudgetStatus) {
			s.DisruptionsAllowed = 0
			s.Conditions = []metav1.Condition{{Type: "DisruptionAllowed", Status: "False", Reason: "SyncFailed", Message: "no scale", LastTransitionTime: metav1.Unix(1, 0)}}
		}), tooMany + "The disruption budget keep does not allow evicting pods currently because it failed sync: no scale"},
		{"for another reason", budget(func(s *policyv1.PodDisruptionBudgetStatus) { s.DisruptionsAllowed = 0 }),
			tooMany + "The disruption budget keep does not allow evicting pods currently"},
		{"too many under way", budget(func(s *policyv1.PodDisruptionBudgetStatus) {
			s.DisruptedPods = map[string]metav1.Time{}
			for i := range maxDisruptedPods + 1 {
				s.DisruptedPods[newName(i)] = metav1.Unix(1, 0)
			}
		}), forbidden + "DisruptedPods map too big - too many evictions not confirmed by PDB controller | The disruption budget keep does not allow evicting pods currently: too many pending evictions not confirmed by PDB controller"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.runningPod("web", corev1.ConditionTrue)
			require.Equal(t, test.want, answer(test.do(w)))
		})
	}
}

func newName(i int) string {
	return "pod-" + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
}

func TestEvictBadRequests(t *testing.T) {
	evict := func(name string, change func(*Request, *policyv1.Eviction)) func(*world) error {
		return func(w *world) error {
			_, err := w.evict(name, change)
			return err
		}
	}
	testRefusals(t, func(w *world) {
		w.runningPod("web", corev1.ConditionTrue)
		w.budget("keep", nil)
	}, []refusal{
		{"missing", evict("none", nil), `404 NotFound: pods "none" not found`},
		{"another name", evict("web", func(_ *Request, e *policyv1.Eviction) { e.Name = "other" }),
			"400 BadRequest: name in URL does not match name in Eviction object"},
		{"another body", evict("web", func(r *Request, _ *policyv1.Eviction) { r.Object = newPodObject("web") }),
			"400 BadRequest: not a Eviction object: *v1.Pod"},
		{"another pod of that name", evict("web", func(_ *Request, e *policyv1.Eviction) {
			e.DeleteOptions = &metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions("old")}
		}), `409 Conflict: Operation cannot be fulfilled on Pod "web": the UID in the precondition (old) does not match the UID in record (` + uidAt(2) + `). The object might have been deleted and then recreated`},
		{"an older version of it", evict("web", func(_ *Request, e *policyv1.Eviction) {
			e.DeleteOptions = metav1.NewRVDeletionPrecondition("2")
		}), `409 Conflict: Operation cannot be fulfilled on Pod "web": the ResourceVersion in the precondition (2) does not match the ResourceVersion in record (4). The object might have been modified`},
		{"two sorts of dry run", evict("web", func(r *Request, e *policyv1.Eviction) {
			r.CreateOptions = &metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}
			e.DeleteOptions = &metav1.DeleteOptions{DryRun: []string{"Some"}}
		}), "500 : Non-matching dry-run options in request and content: [All] and [Some]"},
		{"a bad option", evict("web", func(_ *Request, e *policyv1.Eviction) {
			e.DeleteOptions = &metav1.DeleteOptions{PropagationPolicy: ptr.To(metav1.DeletionPropagation("Sideways"))}
		}), `422 Invalid: DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"`},
		{"an option for broken objects", evict("web", func(_ *Request, e *policyv1.Eviction) {
			e.DeleteOptions = &metav1.DeleteOptions{IgnoreStoreReadErrorWithClusterBreakingPotential: ptr.To(true)}
		}), `422 Invalid: Eviction.policy "web" is invalid: deleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential: Invalid value: true: can not be set for pod eviction, try after removing the option`},
		{"what is no pod", func(w *world) error {
			req := w.request(Create, "nodes", "node-1")
			req.Subresource, req.Object = "eviction", &policyv1.Eviction{}
			_, err := w.Do(req)
			return err
		}, `404 NotFound: the server could not find the requested resource (create nodes node-1)`},
	})
}
